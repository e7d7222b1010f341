import { z } from 'zod';

const fullHour = z
  .string()
  .regex(/^([01]\d|2[0-3]):00$/, 'give a full hour such as "09:00": the watchdog knows hours only');

/** A time zone by its name in the IANA time zone database. */
export const timeZone = z.string().refine(isTimeZone, 'name a zone of the time zone database, such as "Asia/Taipei"');

/** When a VM is awake, every day. `start` after `stop` means over midnight. */
export const power = z.strictObject({
  start: fullHour,
  stop: fullHour,
  timeZone,
});

/** When a VM is awake, every day. */
export type Power = z.output<typeof power>;

/** The hours in which a VM is awake all the time, in the schedule's zone: 9 to 20 of a day that stops at 21:00. */
export function awakeHours({ start, stop }: Power): readonly number[] {
  const from = Number.parseInt(start, 10);
  const count = (Number.parseInt(stop, 10) - from + 24) % 24;
  return Array.from({ length: count }, (_, index) => (from + index) % 24);
}

/**
 * The last moment up to `now` at which a VM with these hours was switched on.
 *
 * @param now - milliseconds since the epoch, as is what is returned.
 */
export function lastStart({ start, timeZone }: Power, now: number): number {
  const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone });
  let moment = now - (now % QUARTER_MS);
  // A full hour that summer time skips comes again the day before.
  while (clock.format(moment) !== start) moment -= QUARTER_MS;
  return moment;
}

/** Clocks of all time zones are whole quarters of an hour apart. */
const QUARTER_MS = 15 * 60_000;

function isTimeZone(name: string): boolean {
  // Its formatter takes a tenth of a synthesis to start, and is needed for other names of a zone only.
  if (Intl.supportedValuesOf('timeZone').includes(name)) return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    // Offsets are zones to Intl, and unknown to Google.
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}
