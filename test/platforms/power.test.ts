import { awakeHours, power } from '../../platforms/power';

const timeZone = 'Asia/Taipei';

test('a VM is awake from its first hour to the one before it stops', () => {
  expect(awakeHours({ start: '09:00', stop: '12:00', timeZone })).toEqual([9, 10, 11]);
  expect(awakeHours({ start: '22:00', stop: '02:00', timeZone })).toEqual([22, 23, 0, 1]);
});

test.each(['UTC', 'America/Argentina/Buenos_Aires'])('%s is a time zone', (timeZone) => {
  expect(power.safeParse({ start: '09:00', stop: '21:00', timeZone }).success).toBe(true);
});
