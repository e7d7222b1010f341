import { Faults } from '../../faults';
import { Ground } from './ground';

const THREE = `resource "google_compute_network" "n" {
  count = 3
  name  = "net-\${count.index}"
}
`;

let ground: Ground;
beforeEach(async () => {
  ground = await Ground.open();
});
afterEach(() => ground.close());

test('a create that fails leaves the others, and the next apply makes it', async () => {
  ground.faults.set([{ operation: 'create', nth: 2, effect: 'fail', message: 'Error 503: try later' }]);
  ground.write(THREE);
  expect(await ground.fails('apply', '-auto-approve')).toContain('Error: Error 503: try later');
  expect(ground.world.list('google_compute_network')).toHaveLength(2);
  expect(await ground.apply(THREE)).toContain('1 added, 0 changed, 0 destroyed');
});

test('a create whose answer is lost exists in the cloud, and not in the state', async () => {
  ground.faults.set([{ operation: 'create', nth: 3, effect: 'lose-answer' }]);
  ground.write(THREE);
  const { child, finished, output } = ground.start('apply', '-auto-approve');
  await until(() => output.stdout.match(/Creation complete/g)?.length === 2);
  await until(() => ground.world.list('google_compute_network').length === 3);
  child.kill('SIGINT');
  await until(() => output.stdout.includes('Gracefully shutting down'));
  child.kill('SIGINT');
  expect((await finished).code).toBe(1);
  const kept = await ground.passes('state', 'list');
  expect(kept.stdout.trim().split('\n')).toHaveLength(2);
});

test('an interrupted apply waits for the call in flight and saves what it created', async () => {
  let arrive = () => {};
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  let go = () => {};
  const gate = new Promise<void>((resolve) => {
    go = resolve;
  });
  const { clock } = ground.world;
  const sleep = clock.sleep.bind(clock);
  clock.sleep = async (seconds) => {
    arrive();
    await gate;
    await sleep(seconds);
  };
  ground.write(THREE.replace('3', '1'));
  const { child, finished, output } = ground.start('apply', '-auto-approve');
  await arrived;
  child.kill('SIGINT');
  await until(() => output.stdout.includes('Gracefully shutting down'));
  go();
  await finished;
  expect(await ground.isSettled()).toBe(true);
});

test('a hanging call does not hold simulated time', async () => {
  ground.faults.set([{ operation: 'create', type: 'google_compute_network', nth: 1, effect: 'hang' }]);
  ground.write(`${THREE}resource "null_resource" "x" {\n}\n`);
  const { child, finished, output } = ground.start('apply', '-auto-approve');
  await until(() => output.stdout.match(/Creation complete/g)?.length === 3);
  child.kill('SIGKILL');
  await finished;
  expect(ground.world.list('google_compute_network')).toHaveLength(2);
});

test('faults count the calls that they match', () => {
  const faults = new Faults([
    { operation: 'create', type: 'a', nth: 2, effect: 'fail' },
    { operation: 'delete', effect: 'hang' },
  ]);
  const met = (operation: 'create' | 'delete', type: string) => faults.meet(operation, type)?.effect;
  expect([met('create', 'a'), met('create', 'b'), met('create', 'a'), met('create', 'a')]).toEqual([
    undefined,
    undefined,
    'fail',
    undefined,
  ]);
  expect([met('delete', 'a'), met('delete', 'b')]).toEqual(['hang', 'hang']);
});

/** Resolves as soon as the condition holds; the test's own timeout ends the wait. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
