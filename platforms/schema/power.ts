import { z } from 'zod';

const fullHour = z
  .string()
  .regex(/^([01]\d|2[0-3]):00$/, 'give a full hour such as "09:00": the watchdog runs by the hour');

/** Name of a zone in the IANA time zone database, such as `Asia/Taipei`. */
export const timeZone = z.string().refine(isTimeZone, 'use a time zone name such as "Asia/Taipei"');

/** The daily hours in which a VM runs. */
export const power = z.strictObject({
  /** Full hour at which the VM starts, such as `09:00`. If it is later than `stop`, the VM runs over midnight. */
  start: fullHour,
  /** Full hour at which the VM stops, such as `21:00`. */
  stop: fullHour,
  /** Time zone of both, from the IANA time zone database, such as `Asia/Taipei`. */
  timeZone,
});

/** The daily hours in which a VM runs. */
export type Power = z.output<typeof power>;

/** The hours in which a VM runs, in the schedule's time zone: 9 to 20 for a VM that starts at 09:00 and stops at 21:00. */
export function awakeHours({ start, stop }: Power): readonly number[] {
  const from = Number.parseInt(start, 10);
  const count = (Number.parseInt(stop, 10) - from + 24) % 24;
  return Array.from({ length: count }, (_, index) => (from + index) % 24);
}

/** The schedule of a CronJob. See https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#writing-a-cronjob-spec */
export interface JobSchedule {
  /** Five cron fields. */
  readonly schedule: string;
  /** Time zone of the schedule. @default 'Etc/UTC' */
  readonly timeZone?: string;
}

/**
 * Whether the VM is stopped at every time of a job's schedule, in winter or in summer, so that the job never runs. Kubernetes
 * does not run a missed job when the VM starts, unless `startingDeadlineSeconds` is long enough.
 *
 * @throws Error if the hours of the schedule are not numbers, ranges, steps or `*`.
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

/** The values that a cron field matches, from 0 to `last`. */
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

/** Offset of a time zone from UTC at a moment, in minutes. */
function minutesEast(timeZone: string, moment: number): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric' },
  }).formatToParts(moment);
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value);
  return (Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute')) - moment) / 60_000;
}

/**
 * The latest scheduled start of a VM, up to `now`, in milliseconds since the epoch.
 *
 * @param now - milliseconds since the epoch.
 */
export function lastStart({ start, timeZone }: Power, now: number): number {
  const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone });
  let moment = now - (now % QUARTER_MS);
  // On the day when daylight saving time skips this hour, the result is the start of the day before.
  while (clock.format(moment) !== start) moment -= QUARTER_MS;
  return moment;
}

/** Offsets of all time zones are multiples of a quarter of an hour. */
const QUARTER_MS = 15 * 60_000;

/** Listing them takes a millisecond, so it is done once. */
let timeZones: ReadonlySet<string> | undefined;

function isTimeZone(name: string): boolean {
  timeZones ??= new Set(Intl.supportedValuesOf('timeZone'));
  // Creating a DateTimeFormat takes a tenth of the time of a synthesis, and only aliases of a zone need it.
  if (timeZones.has(name)) return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    // Intl also accepts offsets such as `+08:00`, which Google does not.
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}
