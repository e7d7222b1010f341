import fc from 'fast-check';
import { awakeHours, lastStart, power, sleepsThrough } from '../../../platforms/schema/power';

const timeZone = 'Asia/Taipei';

test('a VM is awake from its first hour to the one before it stops', () => {
  expect(awakeHours({ start: '09:00', stop: '12:00', timeZone })).toEqual([9, 10, 11]);
  expect(awakeHours({ start: '22:00', stop: '02:00', timeZone })).toEqual([22, 23, 0, 1]);
});

test.each(['UTC', 'America/Argentina/Buenos_Aires'])('%s is a time zone', (timeZone) => {
  expect(power.safeParse({ start: '09:00', stop: '21:00', timeZone }).success).toBe(true);
});

test.each([
  ['09:00', 'Asia/Taipei', '2026-01-05T03:20:00Z', '2026-01-05T01:00:00.000Z'],
  ['09:00', 'Asia/Taipei', '2026-01-05T00:20:00Z', '2026-01-04T01:00:00.000Z'],
  ['09:00', 'Asia/Kathmandu', '2026-01-05T03:20:00Z', '2026-01-05T03:15:00.000Z'],
  ['02:00', 'Europe/Berlin', '2026-03-29T12:00:00Z', '2026-03-28T01:00:00.000Z'],
])('a VM that starts at %s in %s was last switched on before %s at %s', (start, timeZone, now, expected) => {
  expect(new Date(lastStart({ start, stop: '21:00', timeZone }, Date.parse(now))).toISOString()).toBe(expected);
});

describe('a job', () => {
  const taipei = { start: '09:00', stop: '21:00', timeZone };
  const berlin = { ...taipei, timeZone: 'Europe/Berlin' };

  test.each([
    ['15 2 * * *', undefined, taipei, false],
    ['15 2 * * *', undefined, berlin, true],
    ['59 12 * * *', undefined, taipei, false],
    ['0 13 * * *', undefined, taipei, true],
    ['0 1 * * *', undefined, taipei, false],
    ['59 0 * * *', undefined, taipei, true],
    ['0 10 * * *', 'Asia/Taipei', taipei, false],
    ['0 22 * * *', 'Asia/Taipei', taipei, true],
    ['0 * * * *', undefined, taipei, false],
    ['0 */12 * * *', undefined, taipei, false],
    ['0 22-23 * * *', 'Asia/Taipei', taipei, true],
    ['0 3,22 * * *', 'Asia/Taipei', taipei, true],
    ['0 3,20 * * *', 'Asia/Taipei', taipei, false],
    // 20:30 in winter, 21:30 in summer.
    ['30 19 * * *', undefined, berlin, true],
    ['30 18 * * *', undefined, berlin, false],
    ['0 3 * * *', undefined, { start: '22:00', stop: '06:00', timeZone: 'UTC' }, false],
  ])('at %s %s sleeps through its hours: awake %j', (schedule, zone, hours, sleeps) => {
    expect(sleepsThrough(hours, { schedule, ...(zone && { timeZone: zone }) })).toBe(sleeps);
  });

  test('of every hour runs, whatever the zones', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('UTC', 'Asia/Kathmandu', 'America/St_Johns', 'Pacific/Chatham'),
        fc.constantFrom('UTC', 'Asia/Tokyo', 'America/New_York'),
        fc.integer({ min: 0, max: 59 }),
        (own, zone, minute) =>
          !sleepsThrough({ ...taipei, timeZone: own }, { schedule: `${minute} * * * *`, timeZone: zone }),
      ),
    );
  });

  test('with hours that nobody can read is refused', () => {
    expect(() => sleepsThrough(taipei, { schedule: '0 H * * *' })).toThrow(
      '"H" in a schedule: use numbers, ranges, steps or *',
    );
  });
});
