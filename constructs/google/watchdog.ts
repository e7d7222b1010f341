import { CloudSchedulerJob } from '@cdktf/provider-google/lib/cloud-scheduler-job';
import { LoggingMetric } from '@cdktf/provider-google/lib/logging-metric';
import { ProjectIamCustomRole } from '@cdktf/provider-google/lib/project-iam-custom-role';
import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { ServiceAccount } from '@cdktf/provider-google/lib/service-account';
import { Construct } from 'constructs';
import { awakeHours, type Power } from '../../platforms/schema/power';

/** Properties of `Watchdog`. */
export interface WatchdogProps {
  /** Name of the VM. */
  readonly vm: string;
  /** Name of the job. */
  readonly name: string;
  /** Account id of the job's service account. */
  readonly account: string;
  /** Id of the custom role: letters, digits, underscores and periods. */
  readonly roleId: string;
  /** Name of the metric that counts attempts. */
  readonly metric: string;
  /** Id of the Google project. */
  readonly project: string;
  /** Zone of the VM. */
  readonly zone: string;
  /** Daily hours in which the VM should be running. @default - always */
  readonly power?: Power;
  /** True to keep the VM stopped. */
  readonly paused: boolean;
}

/**
 * Starts a VM every ten minutes while it should be running, such as a Spot VM that was preempted. It does not affect a running VM.
 *
 * Creates:
 * - the job (https://registry.terraform.io/providers/hashicorp/google/6.50.0/docs/resources/cloud_scheduler_job)
 * - a service account and a custom role with which the job can start this VM and do nothing else
 * - a metric that counts its attempts, so that alerts know when the VM should be running
 *   (https://registry.terraform.io/providers/hashicorp/google/6.50.0/docs/resources/logging_metric)
 *
 * @example
 * new Watchdog(this, 'watchdog', {
 *   vm: 'threads-prod-vm',
 *   name: 'threads-prod-watchdog',
 *   account: 'threads-prod-watchdog',
 *   roleId: 'threads_prod_watchdog',
 *   metric: 'threads_prod_watchdog_attempts',
 *   project: 'acme-project',
 *   zone: 'us-east1-b',
 *   paused: false,
 * });
 */
export class Watchdog extends Construct {
  /** Metric that counts attempts to start the VM. */
  readonly attempts: LoggingMetric;

  constructor(scope: Construct, id: string, props: WatchdogProps) {
    super(scope, id);
    const { vm, name, project, zone, power, paused } = props;
    const instance = `projects/${project}/zones/${zone}/instances/${vm}`;

    const identity = new ServiceAccount(this, 'identity', {
      accountId: props.account,
      displayName: `starts ${vm} when it should be awake`,
    });
    const role = new ProjectIamCustomRole(this, 'role', {
      roleId: props.roleId,
      title: `${vm}: start`,
      permissions: ['compute.instances.start'],
    });
    const permission = new ProjectIamMember(this, 'permission', {
      project,
      role: role.name,
      member: identity.member,
      condition: {
        title: `only ${vm}`,
        expression: `resource.type == "compute.googleapis.com/Instance" && resource.name == "${instance}"`,
      },
    });
    new CloudSchedulerJob(this, 'job', {
      dependsOn: [permission],
      name,
      description: `starts ${vm} when it should be awake`,
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
      name: props.metric,
      description: `attempts to start ${vm}, only while it should be awake`,
      filter: [
        'resource.type="cloud_scheduler_job"',
        `resource.labels.job_id="${name}"`,
        'jsonPayload."@type"="type.googleapis.com/google.cloud.scheduler.logging.AttemptFinished"',
      ].join(' AND '),
      metricDescriptor: { metricKind: 'DELTA', valueType: 'INT64' },
    });
  }
}

/** Hours in cron syntax: `9-20`, or `0-3,20-23` over midnight. */
function hours(awake: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const hour of [...awake].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last && hour === last[1] + 1) last[1] = hour;
    else runs.push([hour, hour]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}
