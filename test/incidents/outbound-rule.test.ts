import { stackId } from '../../contracts/layers';
import { loadPlatform } from '../../platforms/load';
import { instance } from '../../sandbox/google/compute/instance';
import { network } from '../../sandbox/google/compute/network';
import { simulateK0s } from '../../sandbox/machines/k0s';
import { World } from '../../sandbox/world';
import { buildApp } from '../../stacks/app';
import { type Json, temporaryFolder } from '../helpers/synth';

const folder = temporaryFolder();

test.each(['prod', 'staging'])(
  'no firewall rule of %s is about traffic that goes out, and the VM waits for the NAT',
  (env) => {
    const app = buildApp(loadPlatform('threads', { restoreFile: 'absent.json' }), folder);
    const { resource } = (
      app.node.findChild(stackId('00-vpc', env)) as unknown as { toTerraform(): Json }
    ).toTerraform();
    const rules = Object.values<Json>(resource.google_compute_firewall);
    expect(new Set(rules.map(({ direction }) => direction))).toEqual(new Set(['INGRESS']));
    expect(rules.filter((rule) => rule.deny)).toEqual([]);
    const [vm] = Object.values<Json>(resource.google_compute_instance);
    expect(vm.depends_on).toContain('google_compute_router_nat.network_nat');
  },
);

test('a VM without a way out does not get its cluster, and says why', async () => {
  const world = World.inMemory();
  const context = { world, provider: { project: 'p', zone: 'us-east1-b' }, home: '' };
  const installed = jest.fn();
  simulateK0s(world, installed);
  await network.create({ name: 'net' }, context);
  const { key } = await instance.create(
    {
      name: 'vm',
      machine_type: 'e2-medium',
      metadata: { 'startup-script': 'k0s install controller' },
      boot_disk: [{ initialize_params: [{ image: 'debian-cloud/debian-13' }] }],
      network_interface: [{ network: 'net' }],
    },
    context,
  );
  await world.clock.settled();
  expect(installed).not.toHaveBeenCalled();
  expect(world.data.machines[key]?.problem).toContain('its network has no NAT, so k0s cannot be downloaded');
  world.clock.stop();
});
