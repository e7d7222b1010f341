import type { Context } from '../../protocol/behaviour';
import type { Values } from '../../protocol/values';
import type { CloudObject, World } from '../../world';
import { isDue } from '../cron';
import { block, text } from '../values';
import { takeSnapshot } from './snapshot';

const DAY_MS = 24 * 3600_000;

const DAYS = ['SUNDAY', 'MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY'];

/** Takes the snapshots that fall due in the minute of that moment, in milliseconds since the epoch, and deletes old ones. */
export function runSnapshotSchedules(world: World, moment: number): void {
  for (const { values } of world.list('google_compute_disk_resource_policy_attachment')) {
    const { project, zone, disk: diskName, name } = values as Record<string, string>;
    const disk = world.get('google_compute_disk', `projects/${project}/zones/${zone}/disks/${diskName}`);
    const key = `projects/${project}/regions/${zone?.replace(/-[a-z]$/, '')}/resourcePolicies/${name}`;
    const attached = (world.get('google_compute_resource_policy', key)?.values ?? {}) as Values;
    const policy = block(attached, 'snapshot_schedule_policy');
    if (!disk || !policy) continue;
    const schedule = block(policy, 'schedule') ?? {};
    if (!cronsOf(schedule).some((cron) => isDue(cron, moment, 'UTC'))) continue;
    take(world, disk, key, block(policy, 'snapshot_properties') ?? {});
    prune(world, disk, key, Number(block(policy, 'retention_policy')?.['max_retention_days']));
  }
}

/** A snapshot schedule as cron expressions, in UTC. */
function cronsOf(schedule: Values): string[] {
  const at = (values: Values) => {
    const [hour = 0, minute = 0] = text(values, 'start_time').split(':').map(Number);
    return { hour, minute };
  };
  const daily = block(schedule, 'daily_schedule');
  const hourly = block(schedule, 'hourly_schedule');
  const weekly = block(schedule, 'weekly_schedule');
  const crons: string[] = [];
  if (daily) crons.push(`${at(daily).minute} ${at(daily).hour} * * *`);
  if (hourly) {
    const { hour, minute } = at(hourly);
    const every = Number(hourly['hours_in_cycle']);
    crons.push(`${minute} ${hour % every}/${every} * * *`);
  }
  for (const day of (weekly?.['day_of_weeks'] ?? []) as Values[]) {
    crons.push(`${at(day).minute} ${at(day).hour} * * ${DAYS.indexOf(text(day, 'day'))}`);
  }
  return crons;
}

function take(world: World, disk: CloudObject, policy: string, properties: Values): void {
  const [, project = '', , zone = '', , name = ''] = disk.key.split('/');
  const stamp = world.clock.iso().replace(/\D/g, '');
  const snapshotName = `${name.slice(0, 25)}-${zone.slice(0, 14)}-${stamp}-${world.nextId().slice(-7)}`;
  const context: Context = { world, provider: { project, zone }, home: '' };
  const request = {
    name: snapshotName,
    project,
    disk: disk.key,
    labels: (properties['labels'] ?? {}) as Values,
    storageLocations: (properties['storage_locations'] ?? undefined) as string[] | undefined,
    schedule: policy,
  };
  void world.clock.busy(() => takeSnapshot(context, request));
}

/** Deletes what the policy has taken of this disk too long ago. Once the disk is gone, nothing is deleted any more. */
function prune(world: World, disk: CloudObject, policy: string, days: number): void {
  for (const { key, values, hidden } of world.list('google_compute_snapshot')) {
    const age = world.clock.now() - Date.parse(String(values['creation_timestamp']));
    if (hidden?.snapshotSchedule !== policy || values['source_disk'] !== disk.key || !(age >= days * DAY_MS)) continue;
    world.remove('google_compute_snapshot', key);
    delete world.data.disks[key];
  }
}
