import type { Values } from '../protocol/values';
import type { World } from '../world';
import { powerOff, powerOn } from './compute/machine';
import { runSnapshotSchedules } from './compute/snapshot-schedules';
import { isDue } from './cron';
import { DURATIONS } from './durations';
import { mayDo } from './iam/permissions';
import { referred } from './references';
import { computeAgent, SCHEDULE_PERMISSIONS } from './scheduler';
import { block, text } from './values';

const MINUTE_MS = 60_000;

/**
 * Does what Google does on schedule, minute by minute of simulated time: jobs of Cloud Scheduler that start or stop a
 * VM, instance schedules, and snapshot schedules with their retention.
 *
 * All of it is routine: it happens as time passes, and never makes time pass. Google carries schedules out within 15
 * minutes (VMs) or an hour (snapshots); here they are on time.
 */
export function runSchedules(world: World): void {
  const { clock } = world;
  let moment = Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS;
  const wait = () => {
    moment += MINUTE_MS;
    clock.after(Math.max(0, moment - clock.now()) / 1000, run, 'routine');
  };
  const run = () => {
    runJobs(world, moment);
    runInstanceSchedules(world, moment);
    runSnapshotSchedules(world, moment);
    wait();
  };
  wait();
}

function runJobs(world: World, moment: number): void {
  for (const { values } of world.list('google_cloud_scheduler_job')) {
    const job = values as Values;
    const target = block(job, 'http_target') ?? {};
    const call = /\/compute\/v1\/(projects\/.+\/instances\/[^/]+)\/(start|stop)$/.exec(text(target, 'uri'));
    if (!call || job['paused'] === true || text(target, 'http_method') !== 'POST') continue;
    if (!isDue(text(job, 'schedule'), moment, text(job, 'time_zone') || 'Etc/UTC')) continue;
    const [, key = '', verb = ''] = call;
    const email = text(block(target, 'oauth_token') ?? {}, 'service_account_email');
    const exists = world.list('google_service_account').some((account) => account.values['email'] === email);
    if (!exists || !mayDo(world, `serviceAccount:${email}`, [`compute.instances.${verb}`], key)) continue;
    turn(world, key, verb === 'start');
  }
}

function runInstanceSchedules(world: World, moment: number): void {
  for (const { key, values } of world.list('google_compute_instance')) {
    for (const schedule of schedulesOf(world, values as Values)) {
      const isNow = (name: string) => {
        const cron = text(block(schedule, name) ?? {}, 'schedule');
        return cron !== '' && isDue(cron, moment, text(schedule, 'time_zone'));
      };
      const starts = isNow('vm_start_schedule');
      if (!starts && !isNow('vm_stop_schedule')) continue;
      if (mayDo(world, computeAgent(key), SCHEDULE_PERMISSIONS, key)) turn(world, key, starts);
    }
  }
}

/** Switches a VM as Compute Engine's API does: one that is as it should be takes no notice. */
function turn(world: World, key: string, on: boolean): void {
  const isStopped = () => world.data.machines[key]?.state === 'stopped';
  if (!world.data.machines[key] || isStopped() !== on) return;
  if (on) {
    world.clock.after(DURATIONS['instance creation'].typical, () => {
      if (isStopped()) powerOn(world, key);
    });
  } else powerOff(world, key);
}

function schedulesOf(world: World, instance: Values): Values[] {
  const references = (instance['resource_policies'] as string[] | null) ?? [];
  return references.flatMap((reference) => {
    const policy = referred(world, 'google_compute_resource_policy', reference, instance);
    const schedule = policy && block(policy.values as Values, 'instance_schedule_policy');
    return schedule ? [schedule] : [];
  });
}
