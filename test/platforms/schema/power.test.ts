import { awakeHours, lastStart, power } from '../../../platforms/schema/power';

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
