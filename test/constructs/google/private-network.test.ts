import { EmptySecrets } from '../../../constructs/google/empty-secrets';
import { PrivateNetwork } from '../../../constructs/google/private-network';
import { type Json, synthScope, temporaryFolder } from '../../helpers/synth';

const folder = temporaryFolder();

test('from outside only Identity-Aware Proxy comes in, to SSH and the API server', () => {
  const { resource } = synthScope(folder, (scope) => {
    new PrivateNetwork(scope, 'network', { prefix: 'threads-prod', cidr: '10.10.0.0/24' });
  });
  const rules = Object.values<Json>(resource.google_compute_firewall);
  const open = rules.map(({ source_ranges, allow }) => ({ source_ranges, allow }));
  expect(open).toEqual([
    { source_ranges: ['10.10.0.0/24'], allow: [{ protocol: 'all' }] },
    { source_ranges: ['35.235.240.0/20'], allow: [{ protocol: 'tcp', ports: ['22', '6443'] }] },
  ]);
});

test('machines without a public address reach Google and the internet, in the one subnet that we chose', () => {
  const { resource } = synthScope(folder, (scope) => {
    new PrivateNetwork(scope, 'network', { prefix: 'threads-prod', cidr: '10.10.0.0/24' });
  });
  expect(Object.values<Json>(resource.google_compute_network)[0]).toMatchObject({ auto_create_subnetworks: false });
  const subnets = Object.values<Json>(resource.google_compute_subnetwork);
  expect(subnets).toHaveLength(1);
  expect(subnets[0]).toMatchObject({ private_ip_google_access: true, ip_cidr_range: '10.10.0.0/24' });
  expect(Object.values<Json>(resource.google_compute_router_nat)[0]).toMatchObject({
    nat_ip_allocate_option: 'AUTO_ONLY',
    source_subnetwork_ip_ranges_to_nat: 'ALL_SUBNETWORKS_ALL_IP_RANGES',
  });
});

test('a secret is made empty, and one identity may read that one', () => {
  const { resource } = synthScope(folder, (scope) => {
    const secrets = { password: 'threads-prod-password' };
    new EmptySecrets(scope, 'secrets', { secrets, reader: 'serviceAccount:vm@p.iam.gserviceaccount.com', labels: {} });
  });
  expect(Object.keys(resource).sort()).toEqual([
    'google_secret_manager_secret',
    'google_secret_manager_secret_iam_member',
  ]);
  const [id] = Object.keys(resource.google_secret_manager_secret);
  expect(Object.values(resource.google_secret_manager_secret_iam_member)).toEqual([
    expect.objectContaining({
      secret_id: `\${google_secret_manager_secret.${id}.id}`,
      role: 'roles/secretmanager.secretAccessor',
      member: 'serviceAccount:vm@p.iam.gserviceaccount.com',
    }),
  ]);
});
