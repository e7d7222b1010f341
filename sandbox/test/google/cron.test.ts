import { isDue } from '../../google/cron';

const at = (time: string) => Date.parse(`2026-01-05T${time}Z`);

test.each([
  ['*/10 9-20 * * *', '01:00', true],
  ['*/10 9-20 * * *', '12:50', true],
  ['*/10 9-20 * * *', '12:55', false],
  ['*/10 9-20 * * *', '13:00', false],
  ['*/10 0-1,22-23 * * *', '14:30', true],
  ['0 21 * * *', '13:00', true],
  ['0 21 * * *', '13:01', false],
  ['15 1/6 * * *', '11:15', true],
  ['15 1/6 * * *', '12:15', false],
  ['0 0 * * *', '16:00', true],
  // 5 January 2026 is a Monday.
  ['0 9 * * 1', '01:00', true],
  ['0 9 * * 7', '01:00', false],
  ['0 9 5 2 *', '01:00', false],
  ['0 9 5 1 *', '01:00', true],
  ['0 9 6 * 1', '01:00', true],
  ['0 9 6 * 2', '01:00', false],
])('%s in Taipei at %s UTC: %s', (cron, time, due) => {
  expect(isDue(cron, at(time), 'Asia/Taipei')).toBe(due);
});

test('the clock is that of the time zone, summer time included', () => {
  const noon = (day: string) => isDue('0 12 * * *', Date.parse(`2026-${day}T11:00:00Z`), 'Europe/Berlin');
  expect([noon('01-05'), noon('07-05')]).toEqual([true, false]);
});
