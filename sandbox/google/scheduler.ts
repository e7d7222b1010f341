import type { ArgumentRule, Context } from '../protocol/behaviour';
import type { Values } from '../protocol/values';
import { CloudError, invalidField, notFound } from './cloud-error';
import { isCron } from './cron';
import { mayDo } from './iam/permissions';
import { projectNumber } from './project-number';
import { referred } from './references';
import { defineResource } from './resource';
import { block, text } from './values';

const timeZone: ArgumentRule = {
  check: (value) =>
    typeof value === 'string' && !isTimeZone(value)
      ? `must be a name of the time zone database, got "${value}"`
      : undefined,
};

/** A schedule of disk snapshots, or of an instance's power. Its schedules cannot be changed, only replaced. */
export const resourcePolicy = defineResource({
  type: 'google_compute_resource_policy',
  placed: 'project and place',
  validateCreate: (values) => {
    const zone = text(block(values, 'instance_schedule_policy') ?? {}, 'time_zone');
    if (zone && !isTimeZone(zone)) throw invalidField('timeZone', zone);
    for (const name of ['vm_start_schedule', 'vm_stop_schedule']) {
      const schedule = text(block(block(values, 'instance_schedule_policy') ?? {}, name) ?? {}, 'schedule');
      if (schedule && !isCron(schedule)) {
        throw invalidField(
          `resource.instanceSchedulePolicy.${name === 'vm_start_schedule' ? 'vmStartSchedule' : 'vmStopSchedule'}.schedule`,
          schedule,
          'Must be a cron expression of five fields',
        );
      }
    }
  },
  durations: { create: 'control plane call', delete: 'control plane call' },
});

/** What an instance schedule has to be allowed. Source: Google's page on scheduling a VM. */
export const SCHEDULE_PERMISSIONS = ['compute.instances.start', 'compute.instances.stop'];

/** Compute Engine's own identity in the project of an instance, as a member of grants. */
export function computeAgent(instanceKey: string): string {
  const project = instanceKey.split('/')[1] ?? '';
  return `serviceAccount:service-${projectNumber(project)}@compute-system.iam.gserviceaccount.com`;
}

/** Refuses a VM whose schedule Compute Engine's own identity may not carry out. */
export function refuseUnscheduled(instance: Values, { world }: Context): void {
  const scheduled = ((instance['resource_policies'] as string[] | null) ?? []).some((reference) => {
    const policy = referred(world, 'google_compute_resource_policy', reference, instance);
    return policy && block(policy.values as Values, 'instance_schedule_policy');
  });
  if (!scheduled) return;
  const key = `projects/${text(instance, 'project')}/zones/${text(instance, 'zone')}/instances/${text(instance, 'name')}`;
  const agent = computeAgent(key);
  if (mayDo(world, agent, SCHEDULE_PERMISSIONS, key)) return;
  throw new CloudError({
    status: 412,
    reason: 'conditionNotMet',
    message: `Compute Engine System service account ${agent.replace('serviceAccount:', '')} needs to have [${SCHEDULE_PERMISSIONS.join(',')}] permissions applied in order to perform this operation.`,
  });
}

/** Hangs a resource policy on a disk. */
export const diskPolicyAttachment = defineResource({
  type: 'google_compute_disk_resource_policy_attachment',
  placed: 'project and place',
  validateCreate: (values, context) => {
    const region = text(values, 'zone').replace(/-[a-z]$/, '');
    const key = `projects/${text(values, 'project')}/regions/${region}/resourcePolicies/${text(values, 'name')}`;
    if (!context.world.get('google_compute_resource_policy', key)) {
      throw notFound(key);
    }
  },
  computed: (values) => ({
    id: `${text(values, 'project')}/${text(values, 'zone')}/${text(values, 'disk')}/${text(values, 'name')}`,
  }),
  durations: { create: 'instance update', delete: 'instance update' },
});

/** A job of Cloud Scheduler. */
export const schedulerJob = defineResource({
  type: 'google_cloud_scheduler_job',
  placed: 'project and place',
  arguments: { time_zone: timeZone },
  validateCreate: refuseSchedule,
  beforeUpdate: (_prior, values) => refuseSchedule(values),
  computed: (values) => ({
    state: values['paused'] === true ? 'PAUSED' : 'ENABLED',
    paused: values['paused'] ?? false,
  }),
  recomputed: ['state'],
  durations: { create: 'control plane call', delete: 'control plane call' },
});

/** A cron schedule, or one in App Engine syntax: `every 24 hours`. @throws CloudError */
function refuseSchedule(values: Values): void {
  const schedule = text(values, 'schedule');
  if (!schedule || isCron(schedule) || /^every\s+\S+|^(\S+,?)+\s+(of\s+)?\S+.*\d\d:\d\d$/.test(schedule)) return;
  throw new CloudError(
    { status: 400, reason: 'badRequest', message: 'Schedule or time zone is invalid.' },
    `got ${schedule}`,
  );
}

/** Whether a name is in the time zone database. Intl also accepts offsets such as `+08:00`, which Google refuses. */
function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}
