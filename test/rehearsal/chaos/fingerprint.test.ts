import { differences, fingerprintOf } from '../../../rehearsal/chaos/fingerprint';
import { World } from '../../../sandbox/world';

const POLICY = 'google_monitoring_alert_policy';

function worldWith(...policies: readonly string[]): World {
  const world = World.inMemory();
  for (const name of policies) {
    const key = `projects/p/alertPolicies/${world.nextId()}`;
    world.put({ type: POLICY, key, values: { display_name: name } });
  }
  return world;
}

/** Puts a state into a bucket. */
function keepState(world: World, name: string, ...resources: readonly string[]): void {
  const state = {
    resources: resources.map((address) => {
      const [type, own] = address.split('.');
      return { mode: 'managed', type, name: own, instances: [{}] };
    }),
  };
  const data = Buffer.from(JSON.stringify(state)).toString('base64');
  world.data.buckets['states'] = {
    ...world.data.buckets['states'],
    [name]: { generation: '1', metageneration: '1', contentType: '', updated: '', data },
  };
}

const compare = (expected: World, actual: World) =>
  differences(fingerprintOf(expected.data), fingerprintOf(actual.data));

test('worlds that differ in numbers that Google assigns are the same', () => {
  const shifted = World.inMemory();
  shifted.nextId();
  shifted.put({ type: POLICY, key: `projects/p/alertPolicies/${shifted.nextId()}`, values: { display_name: 'full' } });
  expect(compare(worldWith('full'), shifted)).toEqual([]);
});

test('what exists twice, and what is missing, is a difference', () => {
  expect(compare(worldWith('full'), worldWith('full', 'full'))).toEqual([
    `+ ${POLICY} projects/p/alertPolicies/# full`,
  ]);
  expect(compare(worldWith('full', 'late'), worldWith('full'))).toEqual([
    `- ${POLICY} projects/p/alertPolicies/# late`,
  ]);
});

test('a resource that no state knows is a difference, and so is a lock', () => {
  const [expected, actual] = [worldWith(), worldWith()];
  keepState(expected, 'vpc/default.tfstate', 'google_compute_network.vpc', 'google_compute_disk.boot');
  keepState(actual, 'vpc/default.tfstate', 'google_compute_network.vpc');
  keepState(actual, 'vpc/default.tflock');
  expect(compare(expected, actual)).toEqual(['- vpc/default.tfstate google_compute_disk.boot', '+ vpc/default.tflock']);
});
