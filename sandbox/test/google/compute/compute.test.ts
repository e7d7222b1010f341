import { address } from '../../../google/compute/address';
import { disk } from '../../../google/compute/disk';
import { instance } from '../../../google/compute/instance';
import { powerOff } from '../../../google/compute/machine';
import { network, router, routerNat } from '../../../google/compute/network';
import { subnetwork } from '../../../google/compute/subnetwork';
import { bucketIamMember, secretIamMember } from '../../../google/iam/grants';
import { secret, serviceAccount } from '../../../google/iam/service-accounts';
import { bucket } from '../../../google/storage';
import type { Context, ResourceBehaviour } from '../../../protocol/behaviour';
import type { Values } from '../../../protocol/values';
import { World } from '../../../world';

const NETWORK = 'projects/p/global/networks/net';
const SUBNET = 'projects/p/regions/us-east1/subnetworks/sub';
const DISK = 'projects/p/zones/us-east1-b/disks/boot-g1';
const VM = 'projects/p/zones/us-east1-b/instances/vm';

let context: Context;
let world: World;

beforeEach(() => {
  world = World.inMemory();
  context = { world, provider: { project: 'p', region: 'us-east1', zone: 'us-east1-b' }, home: '/nonexistent' };
});

afterEach(() => world.clock.stop());

async function make(behaviour: ResourceBehaviour, values: Values): Promise<Values> {
  return (await behaviour.create(values, context)).values;
}

async function base(): Promise<void> {
  await make(network, { name: 'net' });
  await make(subnetwork, { name: 'sub', network: NETWORK, ip_cidr_range: '10.0.0.0/24' });
  await make(disk, { name: 'boot-g1', image: 'debian-cloud/debian-13', size: 50 });
}

function vm(more: Values = {}): Values {
  return {
    name: 'vm',
    machine_type: 'e2-standard-2',
    boot_disk: [{ source: DISK, auto_delete: false }],
    network_interface: [{ subnetwork: SUBNET, network_ip: '10.0.0.10', access_config: [] }],
    ...more,
  };
}

describe('what refers must find', () => {
  test('a subnet in a network that is not there is refused', async () => {
    await expect(make(subnetwork, { name: 's', network: 'nowhere', ip_cidr_range: '10.0.0.0/24' })).rejects.toThrow(
      "Error 404: The resource 'projects/p/global/networks/nowhere' was not found, notFound",
    );
  });

  test('a bare name, an API name and a self link name the same network', async () => {
    await make(network, { name: 'net' });
    for (const [index, reference] of ['net', NETWORK, `https://www.googleapis.com/compute/v1/${NETWORK}`].entries()) {
      await expect(
        make(subnetwork, { name: `s${index}`, network: reference, ip_cidr_range: `10.0.${index}.0/24` }),
      ).resolves.toBeDefined();
    }
  });

  test('a network in use cannot be deleted, and can once its subnets are gone', async () => {
    await base();
    await expect(network.delete(NETWORK, {}, context)).rejects.toThrow(`already being used by '${SUBNET}'`);
    await subnetwork.delete(SUBNET, {}, context);
    await network.delete(NETWORK, {}, context);
    expect(world.get('google_compute_network', NETWORK)).toBeUndefined();
  });

  test('a grant on a secret that is not there, or to an account that is not there, is refused', async () => {
    const grant = { secret_id: 'db', role: 'roles/secretmanager.secretAccessor' };
    await expect(make(secretIamMember, { ...grant, member: 'user:a@b.c' })).rejects.toThrow('projects/p/secrets/db');
    await make(secret, { secret_id: 'db' });
    const member = 'serviceAccount:vm-sa@p.iam.gserviceaccount.com';
    await expect(make(secretIamMember, { ...grant, member })).rejects.toThrow(
      'vm-sa@p.iam.gserviceaccount.com does not exist',
    );
    await make(serviceAccount, { account_id: 'vm-sa00' });
  });

  test('a bucket with objects stays, and a grant on it to an account that is not there is refused', async () => {
    await make(bucket, { name: 'dumps', location: 'us-east1', force_destroy: false });
    const member = 'serviceAccount:vm-sa@p.iam.gserviceaccount.com';
    const grant = { bucket: 'dumps', role: 'roles/storage.objectCreator', member };
    await expect(make(bucketIamMember, grant)).rejects.toThrow('vm-sa@p.iam.gserviceaccount.com does not exist');
    Object.assign(world.data.buckets['dumps'] ?? {}, { 'postgres-backup-1/threads.dump': {} });
    await expect(bucket.delete('dumps', { force_destroy: false }, context)).rejects.toThrow(
      'bucket dumps containing objects',
    );
  });
});

test('a name that is taken is refused', async () => {
  await make(network, { name: 'net' });
  await expect(make(network, { name: 'net' })).rejects.toThrow(`Error 409: The resource '${NETWORK}' already exists`);
});

test('subnets of one network do not overlap', async () => {
  await base();
  await expect(make(subnetwork, { name: 'other', network: 'net', ip_cidr_range: '10.0.0.128/25' })).rejects.toThrow(
    "conflicts with existing subnetwork 'sub'",
  );
});

test.each([
  ['192.168.1.1', 'is not in the range 10.0.0.0/24'],
  ['10.0.0.1', 'is not in the range 10.0.0.0/24'],
])('the address %s is refused in 10.0.0.0/24', async (wanted, message) => {
  await base();
  await expect(
    make(address, { name: 'a', address_type: 'INTERNAL', subnetwork: SUBNET, address: wanted, labels: null }),
  ).rejects.toThrow(message);
});

test('an address is not reserved twice, nor while a VM has it', async () => {
  await base();
  const wanted = { address_type: 'INTERNAL', subnetwork: SUBNET };
  await make(address, { ...wanted, name: 'first', address: '10.0.0.20' });
  await expect(make(address, { ...wanted, name: 'second', address: '10.0.0.20' })).rejects.toThrow(
    'Specified IP address is in-use and would result in a conflict: 10.0.0.20',
  );
  await make(instance, vm());
  await expect(make(address, { ...wanted, name: 'third', address: '10.0.0.10' })).rejects.toThrow(
    `Specified IP address is in-use and would result in a conflict: 10.0.0.10 (${VM})`,
  );
});

describe('a VM', () => {
  test('keeps the reserved address that it was given, and the reservation knows its user', async () => {
    await base();
    const reserved = await make(address, {
      name: 'ip',
      address_type: 'INTERNAL',
      subnetwork: SUBNET,
      address: '10.0.0.10',
    });
    await make(instance, vm());
    const read = await address.read(String(reserved['id']), reserved, context);
    expect(read?.['users']).toEqual([VM]);
    await expect(address.delete(String(reserved['id']), reserved, context)).rejects.toThrow(
      `already being used by '${VM}'`,
    );
  });

  test('is refused an address that another VM has', async () => {
    await base();
    await make(instance, vm());
    await make(disk, { name: 'other', image: 'debian-cloud/debian-13' });
    const other = vm({ name: 'other', boot_disk: [{ source: 'other', auto_delete: false }] });
    await expect(make(instance, other)).rejects.toThrow(`IP address 10.0.0.10 is already used by '${VM}'`);
  });

  test('with an arm64 machine type does not boot from an amd64 disk', async () => {
    await base();
    await expect(make(instance, vm({ machine_type: 't2a-standard-2' }))).rejects.toThrow('is not compatible');
  });

  test('boots in simulated time, and answers only then', async () => {
    await base();
    const heard: string[] = [];
    world.events.on('machine', (key) => heard.push(`${key} ${world.data.machines[key]?.state}`));
    await make(instance, vm());
    expect(world.data.machines[VM]?.state).toBe('booting');
    await world.clock.settled();
    expect(heard).toEqual([`${VM} running`]);
  });

  test('that is deleted leaves its disk, unless it was told to take it along', async () => {
    await base();
    const made = await make(instance, vm());
    await instance.delete(VM, made, context);
    expect(world.get('google_compute_disk', DISK)).toBeDefined();
    const again = await make(instance, vm({ boot_disk: [{ source: DISK, auto_delete: true }] }));
    await instance.delete(VM, again, context);
    expect(world.get('google_compute_disk', DISK)).toBeUndefined();
  });

  test('that is off shows as terminated', async () => {
    await base();
    const made = await make(instance, vm());
    powerOff(world, VM);
    expect((await instance.read(VM, made, context))?.['current_status']).toBe('TERMINATED');
  });
});

describe('a disk', () => {
  test('cannot be created from a snapshot that is not ready', async () => {
    const key = 'projects/p/global/snapshots/half';
    world.put({ type: 'google_compute_snapshot', key, values: { name: 'half', project: 'p', status: 'UPLOADING' } });
    await expect(make(disk, { name: 'd', snapshot: 'half' })).rejects.toThrow(`'${key}' is not ready (UPLOADING)`);
  });

  test('in use cannot be deleted', async () => {
    await base();
    await make(instance, vm());
    await expect(disk.delete(DISK, {}, context)).rejects.toThrow(`already being used by '${VM}'`);
  });

  test('of an unknown image is refused with the file that knows images', async () => {
    await expect(make(disk, { name: 'd', image: 'debian-cloud/debian-99' })).rejects.toThrow('images.json');
  });
});

test('a NAT is what gives a private network a way out', async () => {
  await base();
  await make(router, { name: 'r', network: NETWORK });
  const nat = { name: 'n', router: 'r', nat_ip_allocate_option: 'AUTO_ONLY' };
  await expect(make(routerNat, { ...nat, router: 'none' })).rejects.toThrow('routers/none');
  await expect(make(routerNat, nat)).resolves.toMatchObject({ id: 'p/us-east1/r/n' });
});
