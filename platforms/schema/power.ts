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

/** A CronJob's schedule: five fields, and the zone that they are in. */
export interface JobSchedule {
  readonly schedule: string;
  /** @default 'Etc/UTC' */
  readonly timeZone?: string;
}

/**
 * Whether a job never runs because the VM sleeps at each of its hours, in winter or in summer. A job whose moment has passed
 * when the VM wakes is not caught up, unless `startingDeadlineSeconds` reaches that far.
 *
 * @throws Error when the hours of the schedule are not numbers, ranges, steps or `*`.
 */
export function sleepsThrough(power: Power, { schedule, timeZone = 'Etc/UTC' }: JobSchedule): boolean {
  const [minute = '', hour = ''] = schedule.split(/\s+/);
  const awake = awakeHours(power);
  const [first = 0] = valuesOf(minute, 59);
  return [0, 6].some((month) => {
    const noon = Date.UTC(2026, month, 15, 12);
    const shift = minutesEast(power.timeZone, noon) - minutesEast(timeZone, noon);
    return !valuesOf(hour, 23).some((value) => {
      const local = (((value * 60 + first + shift) % 1440) + 1440) % 1440;
      return awake.includes(Math.floor(local / 60));
    });
  });
}

/** The values of one field of a schedule, from 0 to `last`. */
function valuesOf(field: string, last: number): number[] {
  return field.split(',').flatMap((part) => {
    const match = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part);
    if (!match) throw new Error(`"${field}" in a schedule: use numbers, ranges, steps or *`);
    const [, from, to, step] = match;
    const begin = Number(from ?? 0);
    const end = Number(to ?? (from === undefined || step ? last : from));
    const every = Number(step ?? 1);
    return Array.from({ length: Math.floor((end - begin) / every) + 1 }, (_, index) => begin + index * every);
  });
}

/** How many minutes a zone is ahead of UTC at a moment. */
function minutesEast(timeZone: string, moment: number): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric' },
  }).formatToParts(moment);
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value);
  return (Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute')) - moment) / 60_000;
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
