import { CloudSchedulerJob } from '@cdktf/provider-google/lib/cloud-scheduler-job';
import { LoggingMetric } from '@cdktf/provider-google/lib/logging-metric';
import { ProjectIamCustomRole } from '@cdktf/provider-google/lib/project-iam-custom-role';
import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { ServiceAccount } from '@cdktf/provider-google/lib/service-account';
import { Construct } from 'constructs';
import type { namesOf } from '../../platforms/schema/names';
import { awakeHours, type Power } from '../../platforms/schema/power';

export interface WatchdogProps {
  readonly names: ReturnType<typeof namesOf>;
  readonly project: string;
  readonly zone: string;
  /** When the VM should be awake. @default - always */
  readonly power?: Power;
  /** True while the VM is meant to stay off. */
  readonly paused: boolean;
}

/**
 * Starts a VM that should be awake, every ten minutes: what a spot VM that was preempted waits for. A VM that runs takes no
 * notice.
 *
 * Makes the job, an identity that may start this VM and do nothing else, and a metric of its attempts, by which alerts
 * know when the VM should be awake.
 */
export class Watchdog extends Construct {
  /** Counts attempts. */
  readonly attempts: LoggingMetric;

  constructor(scope: Construct, id: string, { names, project, zone, power, paused }: WatchdogProps) {
    super(scope, id);
    const name = names.part('watchdog');
    const instance = `projects/${project}/zones/${zone}/instances/${names.vm}`;

    const identity = new ServiceAccount(this, 'identity', {
      accountId: names.account('watchdog'),
      displayName: `starts ${names.vm} when it should be awake`,
    });
    const role = new ProjectIamCustomRole(this, 'role', {
      roleId: names.underscored('watchdog'),
      title: `${names.vm}: start`,
      permissions: ['compute.instances.start'],
    });
    const permission = new ProjectIamMember(this, 'permission', {
      project,
      role: role.name,
      member: identity.member,
      condition: {
        title: `only ${names.vm}`,
        expression: `resource.type == "compute.googleapis.com/Instance" && resource.name == "${instance}"`,
      },
    });
    new CloudSchedulerJob(this, 'job', {
      dependsOn: [permission],
      name,
      description: `starts ${names.vm} when it should be awake`,
      schedule: `*/10 ${power ? hours(awakeHours(power)) : '*'} * * *`,
      timeZone: power?.timeZone ?? 'Etc/UTC',
      paused,
      attemptDeadline: '30s',
      httpTarget: {
        httpMethod: 'POST',
        uri: `https://compute.googleapis.com/compute/v1/${instance}/start`,
        oauthToken: {
          serviceAccountEmail: identity.email,
          scope: 'https://www.googleapis.com/auth/compute',
        },
      },
    });
    this.attempts = new LoggingMetric(this, 'attempts', {
      name: names.underscored('watchdog_attempts'),
      description: `attempts to start ${names.vm}: made only while it should be awake`,
      filter: [
        'resource.type="cloud_scheduler_job"',
        `resource.labels.job_id="${name}"`,
        'jsonPayload."@type"="type.googleapis.com/google.cloud.scheduler.logging.AttemptFinished"',
      ].join(' AND '),
      metricDescriptor: { metricKind: 'DELTA', valueType: 'INT64' },
    });
  }
}

/** Hours as cron has them: `9-20`, or `0-3,20-23` over midnight. */
function hours(awake: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const hour of [...awake].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last && hour === last[1] + 1) last[1] = hour;
    else runs.push([hour, hour]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}
