import { ComputeNetwork } from '@cdktf/provider-google/lib/compute-network';
import { ComputeSubnetwork } from '@cdktf/provider-google/lib/compute-subnetwork';
import { ProjectServices } from '../../../constructs/google/project-services';
import { type Json, synthScope, temporaryFolder } from '../../helpers/synth';

const { resource } = synthScope(temporaryFolder(), (scope) => {
  const services = new ProjectServices(scope, 'services', { project: 'p', further: ['billingbudgets'] });
  const network = new ComputeNetwork(scope, 'network', { name: 'a' });
  new ComputeSubnetwork(scope, 'subnet', {
    name: 'b',
    network: network.id,
    ipCidrRange: '10.0.0.0/24',
    dependsOn: [network],
  });
  services.precede(scope);
});
const [address] = Object.keys(resource.google_project_service);
const services: Json = resource.google_project_service[address ?? ''];

test('services stay on when an environment is destroyed: others may use the same project', () => {
  expect(services.disable_on_destroy).toBe(false);
});

test('each service is switched on under its own name', () => {
  expect(services.service).toBe('${each.value}');
  expect(services.for_each).toMatchObject({
    compute: 'compute.googleapis.com',
    billingbudgets: 'billingbudgets.googleapis.com',
  });
});

test('everything else waits for them, beside what it waits for anyway', () => {
  const [network] = Object.entries<Json>(resource.google_compute_network);
  const [subnet] = Object.values<Json>(resource.google_compute_subnetwork);
  expect(network?.[1].depends_on).toEqual([`google_project_service.${address}`]);
  expect(subnet.depends_on).toEqual([`google_compute_network.${network?.[0]}`, `google_project_service.${address}`]);
  expect(services.depends_on).toBeUndefined();
});
