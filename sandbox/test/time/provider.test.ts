import { timeProvider } from '../../time/provider';
import { Ground } from '../protocol/ground';

let ground: Ground;

beforeEach(async () => {
  ground = await Ground.open([timeProvider()]);
});
afterEach(() => ground.close());

const sleep = (lines: string) => `resource "time_sleep" "t" {\n${lines}\n}`;
const elapsed = async (work: () => Promise<unknown>) => {
  const before = ground.world.clock.now();
  await work();
  return (ground.world.clock.now() - before) / 1000;
};

test('it sleeps when it is created and when it is deleted, in simulated time', async () => {
  ground.write(sleep('create_duration = "1.5m"\ndestroy_duration = "30s"'));
  await ground.passes('init');
  expect(await elapsed(() => ground.passes('apply', '-auto-approve'))).toBe(90);
  expect(await elapsed(() => ground.passes('destroy', '-auto-approve'))).toBe(30);
});

test('another duration is kept for the next time, other triggers sleep again', async () => {
  ground.write(sleep('create_duration = "10s"\ntriggers = { a = "1" }'));
  await ground.passes('init');
  await ground.passes('apply', '-auto-approve');
  const other = ground.apply.bind(ground);
  expect(await elapsed(() => other(sleep('create_duration = "20s"\ntriggers = { a = "1" }')))).toBe(0);
  expect(await elapsed(() => other(sleep('create_duration = "20s"\ntriggers = { a = "2" }')))).toBe(20);
});

test('a duration without a unit is refused', async () => {
  ground.write(sleep('create_duration = "10"'));
  await ground.passes('init');
  expect(await ground.fails('plan')).toContain('must be a number immediately followed by ms, s, m or h, got "10"');
});
