import { advance, parseSpan } from '../advance';
import { World } from '../world';

test.each([
  ['2h30m', 9000],
  ['45s', 45],
  ['1d', 86_400],
  ['1d1h1m1s', 90_061],
])('%s are %d seconds', (text, seconds) => {
  expect(parseSpan(text)).toBe(seconds);
});

test.each(['', '2', '2 h', 'h', '-1h', '1.5h', '2hours'])('"%s" is not a time span', (text) => {
  expect(() => parseSpan(text)).toThrow(`"${text}" is not a time span; give numbers with d, h, m or s, such as 2h30m`);
});

test('a span of more than a year is refused', () => {
  expect(parseSpan('366d')).toBe(366 * 86_400);
  expect(() => parseSpan('366d1s')).toThrow('"366d1s" is longer than 366 days, the longest span that can pass at once');
});

test('what happens on the way is told in its order, with its time; what comes later waits', async () => {
  const world = World.inMemory('2026-01-05T02:00:00Z');
  const { clock, events } = world;
  clock.after(3600, () => void events.emit('machine', 'projects/p/vm'), 'routine');
  clock.after(
    60,
    () => world.put({ type: 'google_compute_snapshot', key: 's/nightly', values: { creation_timestamp: clock.iso() } }),
    'routine',
  );
  clock.after(8000, () => void events.emit('image', 'shop/web'), 'routine');
  expect(await advance(world, 7200)).toEqual([
    '2026-01-05T02:01:00Z  snapshot nightly created',
    '2026-01-05T03:00:00Z  projects/p/vm is gone',
  ]);
  expect(clock.iso()).toBe('2026-01-05T04:00:00Z');
  expect(await advance(world, 800)).toEqual(['2026-01-05T04:13:20Z  image pushed to shop/web']);
});
