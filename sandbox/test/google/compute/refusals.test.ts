import { CloudError } from '../../../google/cloud-error';
import { address } from '../../../google/compute/address';
import { disk } from '../../../google/compute/disk';
import { instance } from '../../../google/compute/instance';
import { network, router, routerNat } from '../../../google/compute/network';
import { subnetwork } from '../../../google/compute/subnetwork';
import type { Context, ResourceBehaviour } from '../../../protocol/behaviour';
import type { Values } from '../../../protocol/values';
import { World } from '../../../world';

let context: Context;

beforeEach(async () => {
  const provider = { project: 'p', region: 'us-east1', zone: 'us-east1-b' };
  context = { world: World.inMemory(), provider, home: '/nonexistent' };
  await make(network, { name: 'net', auto_create_subnetworks: false });
  await make(subnetwork, { name: 'sub', network: 'net', ip_cidr_range: '10.0.0.0/24' });
});

afterEach(() => context.world.clock.stop());

async function make(behaviour: ResourceBehaviour, values: Values): Promise<Values> {
  return (await behaviour.create(values, context)).values;
}

function vm(more: Values = {}): Values {
  return {
    name: 'vm',
    machine_type: 'e2-medium',
    boot_disk: [{ initialize_params: [{ image: 'debian-12' }] }],
    network_interface: [{ subnetwork: 'sub' }],
    ...more,
  };
}

function nic(values: Values): Values {
  return (values['network_interface'] as Values[])[0] as Values;
}

describe('a network', () => {
  test('named default exists, with a subnet in each region', async () => {
    const made = await make(instance, vm({ network_interface: [{ network: 'default', access_config: [{}] }] }));
    expect(nic(made)).toMatchObject({
      network: 'https://www.googleapis.com/compute/v1/projects/p/global/networks/default',
      subnetwork: 'https://www.googleapis.com/compute/v1/projects/p/regions/us-east1/subnetworks/default',
      network_ip: '10.142.0.2',
      access_config: [{ nat_ip: '203.0.113.1', network_tier: 'PREMIUM' }],
    });
  });

  test('in auto mode goes away with its subnets', async () => {
    await make(network, { name: 'auto', auto_create_subnetworks: true });
    const made = await make(instance, vm({ network_interface: [{ network: 'auto' }] }));
    await expect(network.delete('projects/p/global/networks/auto', {}, context)).rejects.toThrow('already being used');
    await instance.delete(String(made['id']), made, context);
    await network.delete('projects/p/global/networks/auto', {}, context);
    expect(
      context.world.get('google_compute_subnetwork', 'projects/p/regions/us-east1/subnetworks/auto'),
    ).toBeUndefined();
  });

  test.each([5, 1299, 8897])('with an mtu of %s is refused', async (mtu) => {
    await expect(make(network, { name: 'n', mtu })).rejects.toThrow(`'resource.mtu': '${mtu}'`);
  });

  test.each([0, 1300, 8896])('with an mtu of %s is taken', async (mtu) => {
    await expect(make(network, { name: 'n', mtu })).resolves.toBeDefined();
  });
});

test.each<[string, Values, string]>([
  ['with host bits', { ip_cidr_range: '10.1.0.1/24' }, 'without host bits'],
  ['of four addresses', { ip_cidr_range: '10.1.0.0/30' }, 'must have at least 8 addresses (/29)'],
  ['of multicast', { ip_cidr_range: '224.1.0.0/24' }, 'overlaps 224.0.0.0/4'],
  ['in an unknown region', { ip_cidr_range: '10.1.0.0/24', region: 'us-nowhere1' }, 'sandbox/google/regions.json'],
  [
    'whose secondary range overlaps its own',
    { ip_cidr_range: '10.1.0.0/24', secondary_ip_range: [{ range_name: 's', ip_cidr_range: '10.1.0.0/25' }] },
    'conflicts with 10.1.0.0/24 of the same subnetwork',
  ],
  [
    'whose secondary range overlaps another subnet',
    { ip_cidr_range: '10.1.0.0/24', secondary_ip_range: [{ range_name: 's', ip_cidr_range: '10.0.0.0/25' }] },
    "conflicts with existing subnetwork 'sub' in region 'us-east1'",
  ],
  ['in the range of auto mode', { network: 'default', ip_cidr_range: '10.128.0.0/20' }, 'overlaps 10.128.0.0/9'],
])('a subnet %s is refused', async (_, values, message) => {
  await expect(make(subnetwork, { name: 's', network: 'net', ...values })).rejects.toThrow(message);
});

test('a subnet grows in place over addresses that no other has', async () => {
  const key = 'projects/p/regions/us-east1/subnetworks/sub';
  const prior = (await subnetwork.read(key, {}, context)) as Values;
  await make(subnetwork, { name: 'next', network: 'net', ip_cidr_range: '10.0.2.0/24' });
  await subnetwork.update(key, prior, { ...prior, ip_cidr_range: '10.0.0.0/23' }, context);
  await expect(subnetwork.update(key, prior, { ...prior, ip_cidr_range: '10.0.0.0/22' }, context)).rejects.toThrow(
    "conflicts with existing subnetwork 'next'",
  );
});

test('a machine type that Google has and the table lacks is said to be not simulated, and where to add it', async () => {
  const values = { zone: 'us-east1-b', machine_type: 'm3-ultramem-32', network_interface: [{ network: 'net' }] };
  const error = await make(instance, { name: 'vm', ...values }).catch((thrown: unknown) => thrown);
  expect(error).not.toBeInstanceOf(CloudError);
  expect(error).toMatchObject({
    summary: 'the sandbox does not simulate the machine type "m3-ultramem-32"',
    detail: 'If Compute Engine has it, add it to sandbox/google/machine-types.json.',
  });
});

test.each<[string, Values, string]>([
  ['in an unknown zone', { zone: 'us-east1-a' }, 'us-east1 has us-east1-b, us-east1-c, us-east1-d'],
  ['of an unknown machine type', { machine_type: 'x9-huge' }, 'does not simulate the machine type "x9-huge"'],
  [
    'of an unknown image',
    { boot_disk: [{ initialize_params: [{ image: 'beos' }] }] },
    'does not simulate the image "beos"',
  ],
  [
    'with a boot disk smaller than its image',
    { boot_disk: [{ initialize_params: [{ image: 'windows-2022', size: 20 }] }] },
    'cannot be smaller than the image size (50 GB)',
  ],
  [
    'on a disk of an unknown type',
    { boot_disk: [{ initialize_params: [{ image: 'debian-12', type: 'pd-fast' }] }] },
    "'resource.type': 'pd-fast'",
  ],
  [
    'in another region than its subnet',
    { zone: 'us-west1-a', network_interface: [{ subnetwork: 'projects/p/regions/us-east1/subnetworks/sub' }] },
    "must be in region 'us-west1'",
  ],
  ['in a network without a subnet', { network_interface: [{ network: 'net' }] }, 'must specify a subnet'],
  ['with a tag that is no name', { tags: ['web_server'] }, "'resource.tags.items[0]': 'web_server'"],
  [
    'that is spot with automatic restart',
    { scheduling: [{ provisioning_model: 'SPOT', preemptible: true, automatic_restart: true }] },
    'automatic restart be false',
  ],
  [
    'with a GPU on e2',
    { guest_accelerator: [{ type: 'nvidia-tesla-t4', count: 1 }] },
    'not compatible for creating instance with GPUs',
  ],
  [
    'with a GPU that would be migrated',
    { machine_type: 'n1-standard-2', guest_accelerator: [{ type: 'nvidia-tesla-t4', count: 1 }] },
    'do not support live migration',
  ],
  [
    'with an external address that is not reserved',
    { network_interface: [{ subnetwork: 'sub', access_config: [{ nat_ip: '8.8.8.8' }] }] },
    "The specified external IP address '8.8.8.8' was not found in region 'us-east1'",
  ],
  ['with labels in upper case', { effective_labels: { Team: 'web' } }, "Label key 'Team' violates format constraints"],
  ['with spaces in labels', { effective_labels: { team: 'web shop' } }, "Label value 'web shop' violates"],
  [
    'with an account that does not exist',
    { service_account: [{ email: 'nobody@p.iam.gserviceaccount.com', scopes: [] }] },
    "'nobody@p.iam.gserviceaccount.com' of type 'serviceAccount' was not found",
  ],
])('a VM %s is refused', async (_, values, message) => {
  await expect(make(instance, vm(values))).rejects.toThrow(message);
});

test.each(['f1-micro', 'n1-standard-1', 'e2-highmem-2', 'n2-standard-8', 'n2-custom-4-8192', 'custom-2-4096'])(
  'a VM of the type %s is created',
  async (machine_type) => {
    await expect(make(instance, vm({ machine_type }))).resolves.toBeDefined();
  },
);

test.each([
  ...[
    'debian-12',
    'family/debian-12',
    'debian-cloud/debian-12',
    'projects/debian-cloud/global/images/family/debian-12',
  ],
  ...['projects/debian-cloud/global/images/debian-13-trixie-v20260609', 'ubuntu-os-cloud/ubuntu-2204-lts'],
  ...['ubuntu-os-cloud/ubuntu-2404-noble-amd64-v20260101', 'cos-cloud/cos-stable'],
])('a disk of the image %s is created', async (image) => {
  expect(await make(disk, { name: 'd', image })).toMatchObject({ size: 10 });
});

describe('an external address', () => {
  test('that is reserved goes to one VM, and is not deleted while that has it', async () => {
    const reserved = await make(address, { name: 'ip' });
    const nat_ip = String(reserved['address']);
    const wanted = { network_interface: [{ subnetwork: 'sub', access_config: [{ nat_ip }] }] };
    await make(instance, vm(wanted));
    await expect(make(instance, vm({ ...wanted, name: 'other' }))).rejects.toThrow(`${nat_ip} is already in-use`);
    await expect(address.delete(String(reserved['id']), reserved, context)).rejects.toThrow('already being used');
  });

  test('of another region is refused', async () => {
    const { address: nat_ip } = await make(address, { name: 'ip', region: 'us-west1' });
    const wanted = { network_interface: [{ subnetwork: 'sub', access_config: [{ nat_ip: nat_ip ?? null }] }] };
    await expect(make(instance, vm(wanted))).rejects.toThrow("was not found in region 'us-east1'");
  });
});

describe('a data disk', () => {
  const attached = (mode: string) => ({ attached_disk: [{ source: 'data', mode }] });

  test('is written to by one VM, and read by many', async () => {
    await make(disk, { name: 'data', size: 10 });
    await make(instance, vm(attached('READ_WRITE')));
    await expect(make(instance, vm({ name: 'two', ...attached('READ_WRITE') }))).rejects.toThrow(
      'already being used by',
    );
    await expect(make(instance, vm({ name: 'two', ...attached('READ_ONLY') }))).resolves.toBeDefined();
  });

  test('of another zone is refused', async () => {
    await make(disk, { name: 'data', size: 10, zone: 'us-east1-c' });
    const source = 'projects/p/zones/us-east1-c/disks/data';
    await expect(make(instance, vm({ attached_disk: [{ source }] }))).rejects.toThrow('same zone as the instance');
  });

  test('is detached before it is deleted, as a boot disk is not', async () => {
    const data = await make(disk, { name: 'data', size: 10 });
    const made = await make(instance, vm(attached('READ_WRITE')));
    await disk.delete(String(data['id']), data, context);
    expect(await instance.read(String(made['id']), made, context)).toMatchObject({ attached_disk: [] });
    await expect(disk.delete('projects/p/zones/us-east1-b/disks/vm', {}, context)).rejects.toThrow(
      'already being used',
    );
  });
});

describe('a NAT gateway', () => {
  const ALL = { router: 'r', source_subnetwork_ip_ranges_to_nat: 'ALL_SUBNETWORKS_ALL_IP_RANGES' };
  beforeEach(() => make(router, { name: 'r', network: 'net' }));

  test('for all subnets is the only one of its network and region', async () => {
    await make(routerNat, { name: 'one', ...ALL });
    await expect(make(routerNat, { name: 'two', ...ALL })).rejects.toThrow("NAT 'one' already applies");
    await make(network, { name: 'other', auto_create_subnetworks: false });
    await make(router, { name: 'other', network: 'other' });
    await expect(make(routerNat, { name: 'two', ...ALL, router: 'other' })).resolves.toBeDefined();
  });

  test('with manual addresses needs some', async () => {
    const manual = { name: 'one', ...ALL, nat_ip_allocate_option: 'MANUAL_ONLY' };
    await expect(make(routerNat, manual)).rejects.toThrow('At least one NAT IP');
    await expect(make(routerNat, { ...manual, nat_ips: ['ip'] })).resolves.toBeDefined();
  });
});

test('two networks may have the same addresses', async () => {
  await make(network, { name: 'other', auto_create_subnetworks: false });
  await make(subnetwork, { name: 'same', network: 'other', ip_cidr_range: '10.0.0.0/24' });
  const own = nic(await make(instance, vm({ network_interface: [{ subnetwork: 'sub', network_ip: '10.0.0.10' }] })));
  const other = vm({ name: 'other', network_interface: [{ subnetwork: 'same', network_ip: '10.0.0.10' }] });
  expect(nic(await make(instance, other))['network_ip']).toBe(own['network_ip']);
});
