import { z } from 'zod';

const fullHour = z
  .string()
  .regex(/^([01]\d|2[0-3]):00$/, 'give a full hour such as "09:00": the watchdog knows hours only');

/** When a VM is awake, every day. `start` after `stop` means over midnight. */
export const power = z.strictObject({
  start: fullHour,
  stop: fullHour,
  timeZone: z.string().refine(isTimeZone, 'name a zone of the time zone database, such as "Asia/Taipei"'),
});

/** When a VM is awake, every day. */
export type Power = z.output<typeof power>;

/** The hours in which a VM is awake all the time, in the schedule's zone: 9 to 20 of a day that stops at 21:00. */
export function awakeHours({ start, stop }: Power): readonly number[] {
  const from = Number.parseInt(start, 10);
  const count = (Number.parseInt(stop, 10) - from + 24) % 24;
  return Array.from({ length: count }, (_, index) => (from + index) % 24);
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    // Offsets are zones to Intl, and unknown to Google.
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}
