import { type FirstStart, readStartupScript, simulateK0s } from '../../machines/k0s';
import { type Machine, World } from '../../world';

const KEY = 'projects/p/zones/z/instances/vm';

function machine(more: Partial<Machine> = {}): Machine {
  const hardware = { architecture: 'amd64', memoryMiB: 8192, cpus: 2 } as const;
  return {
    name: 'vm',
    address: '10.0.0.2',
    ...hardware,
    disk: 'd',
    startupScript: 'k0s install',
    state: 'running',
    ...more,
  };
}

function worldWith(booted: Machine): { world: World; installed: FirstStart[] } {
  const world = World.inMemory();
  const installed: FirstStart[] = [];
  simulateK0s(world, (_, start) => installed.push(start));
  world.data.machines[KEY] = booted;
  world.data.disks['d'] = {};
  const nic = { network: 'n', access_config: [{}] };
  world.put({ type: 'google_compute_instance', key: KEY, values: { name: 'vm', network_interface: [nic] } });
  return { world, installed };
}

test('a script without settings gets the name of its machine and its address', () => {
  expect(readStartupScript('k0s install controller --single', { name: 'vm', address: '10.0.0.2' })).toMatchObject({
    nodeName: 'vm',
    certificateNames: ['10.0.0.2', '127.0.0.1', 'localhost'],
  });
});

test('the first boot puts a cluster on the disk, a later one finds it there', () => {
  const { world, installed } = worldWith(machine());
  world.events.emit('machine', KEY);
  expect(installed).toHaveLength(1);
  world.data.disks['d'] = { cluster: {} as never };
  world.events.emit('machine', KEY);
  expect(installed).toHaveLength(1);
});

test.each([
  ['is still booting', machine({ state: 'booting' })],
  ['starts no k0s', machine({ startupScript: 'echo hello' })],
])('a machine that %s gets no cluster', (_, booted) => {
  const { world, installed } = worldWith(booted);
  world.events.emit('machine', KEY);
  expect(installed).toEqual([]);
});

test('a machine without a way out cannot download k0s, and says so', () => {
  const { world, installed } = worldWith(machine());
  const nic = { network: 'n', access_config: [] };
  world.put({
    type: 'google_compute_instance',
    key: KEY,
    values: { name: 'vm', project: 'p', network_interface: [nic] },
  });
  world.events.emit('machine', KEY);
  expect(installed).toEqual([]);
  expect(world.data.machines[KEY]?.problem).toContain('its network has no NAT');
});
