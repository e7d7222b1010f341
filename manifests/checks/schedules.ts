import { DateTime } from 'luxon';
import { environmentOf } from '../../platforms/schema/define-platform';
import { awakeHours, type Power } from '../../platforms/schema/power';
import type { Check } from './problem';

/** Days with and without daylight saving time, in either hemisphere. */
const DAYS = [
  { year: 2026, month: 1, day: 15 },
  { year: 2026, month: 7, day: 15 },
];

/** CronJobs run while the VM is awake: a missed run is never made up. */
export const schedules: Check = (objects, { description, env }) => {
  const { cluster } = environmentOf(description, env);
  if (cluster.kind !== 'k0s-vm' || !cluster.power) return [];
  const { power } = cluster;
  return objects
    .filter(({ kind }) => kind === 'CronJob')
    .filter(({ spec }) => !isAwake(power, spec.schedule, spec.timeZone))
    .map((object) => ({
      object,
      path: 'spec.schedule',
      wrong: `got "${object.spec.schedule}" in ${object.spec.timeZone ?? 'the time zone of the controller'}, while the VM sleeps`,
      fix: `choose an hour between ${power.start} and ${power.stop} in ${power.timeZone}, with \`timeZone\``,
    }));
};

/**
 * True if a schedule runs only in hours in which the VM is awake, in summer and in winter.
 *
 * @param schedule - five fields of cron; of the hours, numbers and lists of them, or `*` for all
 */
function isAwake(power: Power, schedule: string, timeZone = 'Etc/UTC'): boolean {
  const awake = awakeHours(power);
  const [minutes = '', hours = ''] = schedule.split(' ');
  const list = hours === '*' ? Array.from({ length: 24 }, (_, hour) => hour) : hours.split(',').map(Number);
  const minute = Number.parseInt(minutes, 10) || 0;
  return DAYS.every((day) =>
    list.every((hour) =>
      awake.includes(DateTime.fromObject({ ...day, hour, minute }, { zone: timeZone }).setZone(power.timeZone).hour),
    ),
  );
}

/**
 * Moves schedules by the same, smallest number of whole hours, so that all of them run while the VM is awake.
 *
 * @returns undefined if that is impossible.
 */
export function moved(power: Power, all: readonly Schedule[]): readonly Schedule[] | undefined {
  return Array.from({ length: 24 }, (_, hours) => all.map((one) => later(one, hours))).find((candidate) =>
    candidate.every(({ schedule, timeZone }) => isAwake(power, schedule, timeZone)),
  );
}

/** When a CronJob runs. */
export interface Schedule {
  readonly schedule: string;
  readonly timeZone?: string;
}

function later({ schedule, timeZone }: Schedule, by: number): Schedule {
  const [minute, hours = '', ...rest] = schedule.split(' ');
  const moved =
    hours === '*'
      ? hours
      : hours
          .split(',')
          .map((hour) => (Number(hour) + by) % 24)
          .join();
  return { schedule: [minute, moved, ...rest].join(' '), timeZone };
}
