import { address } from '../../google/compute/address';
import { disk } from '../../google/compute/disk';
import { instance } from '../../google/compute/instance';
import { hasEgress } from '../../google/compute/machine';
import { network, router, routerNat } from '../../google/compute/network';
import { snapshot } from '../../google/compute/snapshot';
import { subnetwork } from '../../google/compute/subnetwork';
import { secret } from '../../google/iam/service-accounts';
import { identityPool, identityPoolProvider } from '../../google/iam/workload-identity';
import { googleProvider } from '../../google/provider';
import { readSecret } from '../../google/rest/secret-manager';
import { secretVersion } from '../../google/secret-version';
import type { Context, ResourceBehaviour } from '../../protocol/behaviour';
import { planUpdate } from '../../protocol/plan';
import { withDefaults } from '../../protocol/planned';
import { ServedProvider } from '../../protocol/served';
import type { Values } from '../../protocol/values';
import { type ClusterData, World } from '../../world';

let context: Context;

beforeEach(async () => {
  const provider = { project: 'p', region: 'us-east1', zone: 'us-east1-b' };
  context = { world: World.inMemory(), provider, home: '/nonexistent' };
  await make(network, { name: 'net', auto_create_subnetworks: false });
  await make(subnetwork, { name: 'sub', network: 'net', ip_cidr_range: '10.0.0.0/29' });
});

afterEach(() => context.world.clock.stop());

async function make(behaviour: ResourceBehaviour, values: Values): Promise<Values> {
  return (await behaviour.create(values, context)).values;
}

function vm(name: string, more: Values = {}): Promise<Values> {
  const boot_disk = [{ initialize_params: [{ image: 'debian-12' }] }];
  return make(instance, {
    name,
    machine_type: 'e2-medium',
    boot_disk,
    network_interface: [{ subnetwork: 'sub' }],
    ...more,
  });
}

const addressOf = (made: Values) => (made['network_interface'] as Values[])[0]?.['network_ip'];

describe('what is on a disk', () => {
  const KEY = 'projects/p/zones/us-east1-b/disks/d';
  const content = (file: string) => ({ cluster: { volumes: { v: { file } } } as unknown as ClusterData });
  const fileOn = (key: string) => context.world.data.disks[key]?.cluster?.volumes['v']?.['file'];

  beforeEach(async () => {
    await make(disk, { name: 'd', image: 'debian-12', size: 20 });
    context.world.data.disks[KEY] = content('old');
    await make(snapshot, { name: 's', source_disk: KEY });
  });

  test('is in its snapshot as it was then', () => {
    context.world.data.disks[KEY] = content('new');
    expect(fileOn('projects/p/global/snapshots/s')).toBe('old');
    Object.assign(context.world.data.disks[KEY]?.cluster?.volumes['v'] ?? {}, { file: 'newer' });
    expect(fileOn('projects/p/global/snapshots/s')).toBe('old');
  });

  test('is on a disk created from the snapshot, which changes independently', async () => {
    await make(disk, { name: 'restored', snapshot: 's' });
    const restored = 'projects/p/zones/us-east1-b/disks/restored';
    expect(fileOn(restored)).toBe('old');
    Object.assign(context.world.data.disks[restored]?.cluster?.volumes['v'] ?? {}, { file: 'new' });
    expect([fileOn(KEY), fileOn('projects/p/global/snapshots/s')]).toEqual(['old', 'old']);
  });

  test('does not fit on one that is smaller', async () => {
    await expect(make(disk, { name: 'small', snapshot: 's', size: 19 })).rejects.toThrow(
      'cannot be smaller than the source size (20 GB)',
    );
    await expect(make(disk, { name: 'small', image: 'debian-12', size: 9 })).rejects.toThrow(
      'cannot be smaller than the source size (10 GB)',
    );
  });
});

test('each VM gets an address that is neither used nor reserved, until there is none', async () => {
  await make(address, { name: 'kept', address_type: 'INTERNAL', subnetwork: 'sub', address: '10.0.0.3' });
  const addresses = [await vm('a'), await vm('b'), await vm('c'), await vm('d')].map(addressOf);
  expect(addresses).toEqual(['10.0.0.2', '10.0.0.4', '10.0.0.5', '10.0.0.6']);
  await expect(vm('e')).rejects.toThrow('IP space of 10.0.0.0/29 is exhausted');
});

test('a VM reaches the internet by its own address, or by a NAT of its network', async () => {
  const [key, open] = [
    await vm('a'),
    await vm('b', { network_interface: [{ subnetwork: 'sub', access_config: [{}] }] }),
  ].map(({ id }) => String(id));
  expect([hasEgress(context.world, key ?? ''), hasEgress(context.world, open ?? '')]).toEqual([false, true]);
  await make(network, { name: 'other', auto_create_subnetworks: false });
  await make(router, { name: 'other', network: 'other' });
  await make(routerNat, {
    name: 'nat',
    router: 'other',
    source_subnetwork_ip_ranges_to_nat: 'ALL_SUBNETWORKS_ALL_IP_RANGES',
  });
  expect(hasEgress(context.world, key ?? '')).toBe(false);
  await make(router, { name: 'own', network: 'net' });
  await make(routerNat, {
    name: 'nat',
    router: 'own',
    source_subnetwork_ip_ranges_to_nat: 'ALL_SUBNETWORKS_ALL_IP_RANGES',
  });
  expect(hasEgress(context.world, key ?? '')).toBe(true);
});

test('what is gone cannot be updated', async () => {
  const made = await make(network, { name: 'gone' });
  await network.delete(String(made['id']), made, context);
  await expect(network.update(String(made['id']), made, made, context)).rejects.toThrow('Error 404');
});

test('a pool does not trust every repository of GitHub', async () => {
  await make(identityPool, { workload_identity_pool_id: 'github' });
  const provider = {
    workload_identity_pool_id: 'github',
    workload_identity_pool_provider_id: 'actions',
    oidc: [{ issuer_uri: 'https://token.actions.githubusercontent.com' }],
  };
  await expect(make(identityPoolProvider, provider)).rejects.toThrow('attribute condition must reference');
  const attribute_condition = 'assertion.repository_id == "1"';
  await expect(make(identityPoolProvider, { ...provider, attribute_condition })).resolves.toBeDefined();
});

test('a workload reads the version of a secret that it names, and the newest as latest', async () => {
  await make(secret, { secret_id: 'db' });
  expect(readSecret(context.world, 'p', 'db', 'latest')).toBe('empty');
  for (const secret_data of ['one', 'two']) await make(secretVersion, { secret: 'projects/p/secrets/db', secret_data });
  expect(['1', '2', 'latest', '3'].map((version) => readSecret(context.world, 'p', 'db', version))).toEqual([
    { value: 'one' },
    { value: 'two' },
    { value: 'two' },
    'empty',
  ]);
  expect(readSecret(context.world, 'p', 'other', 'latest')).toBe('missing');
});

test('another boot disk replaces a VM, and another name for the same disk does not', () => {
  const served = new ServedProvider(googleProvider()).resources.get('google_compute_instance');
  if (!served) throw new Error('google_compute_instance is not served');
  const booting = (source: string) => ({ name: 'vm', zone: 'us-east1-b', boot_disk: [{ source }] });
  const change = (before: string, after: string) =>
    planUpdate('google', served, withDefaults(served.fields, booting(before)), booting(after), booting(after), context)
      .replace.length;
  expect(change('projects/p/zones/us-east1-b/disks/a', 'projects/p/zones/us-east1-b/disks/b')).toBe(1);
  expect(change('https://www.googleapis.com/compute/v1/projects/p/zones/us-east1-b/disks/a', 'a')).toBe(0);
});
