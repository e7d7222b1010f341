import { SimulatedClock } from '../clock';

const START = Date.parse('2026-01-05T00:00:00Z');

function elapsed(clock: SimulatedClock): number {
  return (clock.now() - START) / 1000;
}

test('operations side by side take as long as the longest', async () => {
  const clock = new SimulatedClock(START);
  await Promise.all([clock.sleep(10), clock.sleep(30), clock.sleep(20)]);
  expect(elapsed(clock)).toBe(30);
});

test('operations one after another take the sum', async () => {
  const clock = new SimulatedClock(START);
  await clock.sleep(10);
  await clock.sleep(30);
  expect(elapsed(clock)).toBe(40);
});

test('time does not pass while a client is busy', async () => {
  const clock = new SimulatedClock(START);
  let release: () => void = () => {};
  const busy = clock.busy(() => new Promise<void>((resolve) => (release = resolve)));
  const slept = clock.sleep(5);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(elapsed(clock)).toBe(0);
  release();
  await Promise.all([busy, slept]);
  expect(elapsed(clock)).toBe(5);
});

test('who sleeps while busy does not hold time up', async () => {
  const clock = new SimulatedClock(START);
  await clock.busy(() => clock.sleep(7));
  expect(elapsed(clock)).toBe(7);
});

test('routine waits for work to move time past it', async () => {
  const clock = new SimulatedClock(START);
  const fired: number[] = [];
  clock.after(60, () => void fired.push(elapsed(clock)), 'routine');
  await clock.settled();
  expect(fired).toEqual([]);
  await clock.sleep(100);
  expect(fired).toEqual([60]);
  expect(elapsed(clock)).toBe(100);
});

test('what is cancelled does not happen', async () => {
  const clock = new SimulatedClock(START);
  const fired = jest.fn();
  clock.after(5, fired)();
  await clock.sleep(10);
  expect(fired).not.toHaveBeenCalled();
});

test('advancing fires everything that falls due, in order', async () => {
  const clock = new SimulatedClock(START);
  const fired: string[] = [];
  clock.after(20, () => void fired.push('second'), 'routine');
  clock.after(10, () => void fired.push('first'));
  clock.after(90, () => void fired.push('later'), 'routine');
  await clock.advance(30);
  expect(fired).toEqual(['first', 'second']);
  expect(elapsed(clock)).toBe(30);
});

test('settled waits for work that was set off by work', async () => {
  const clock = new SimulatedClock(START);
  const done = jest.fn();
  clock.after(5, () => void clock.after(5, done));
  await clock.settled();
  expect(done).toHaveBeenCalledTimes(1);
  expect(elapsed(clock)).toBe(10);
});

test('a clock that was stopped lets nothing happen any more', async () => {
  const clock = new SimulatedClock(START);
  const done = jest.fn();
  clock.stop();
  clock.after(5, done);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(done).not.toHaveBeenCalled();
  expect(elapsed(clock)).toBe(0);
});
