import type { LoggingMetric } from '@cdktf/provider-google/lib/logging-metric';
import {
  MonitoringAlertPolicy,
  type MonitoringAlertPolicyAlertStrategy,
  type MonitoringAlertPolicyConditions,
} from '@cdktf/provider-google/lib/monitoring-alert-policy';
import { MonitoringNotificationChannel } from '@cdktf/provider-google/lib/monitoring-notification-channel';
import { Construct } from 'constructs';

/** Used space on the boot disk above which there is an alert, in percent. */
const DISK_LIMIT = 80;

/** Remaining validity of the API server's certificate below which there is an alert, in days. k0s issues it for a year. */
const CERTIFICATE_LIMIT = 30;

/** Age of the last dump of the database above which there is an alert, in hours: a day, and the time that a dump may take. */
const DUMP_LIMIT = 30;

/**
 * Window of queries for the metrics that the VM writes every five to six minutes. An instant selector looks back five minutes, so
 * the condition would have gaps and never hold for its whole duration. This window also covers one lost sample.
 */
const METRICS_WINDOW = '15m';

/** Properties of `Alerts`. */
export interface AlertsProps {
  /** E-mail address that notifications are sent to. */
  readonly email: string;
  /** Name of the VM. Its id changes with every restore. */
  readonly vm: string;
  /** Metric that counts the watchdog's attempts: there are some only while the VM should be running. */
  readonly attempts: LoggingMetric;
  /** Whether the database is dumped every day. */
  readonly dumps: boolean;
  /** User labels of the notification channel and the alert policies. */
  readonly labels: Record<string, string>;
}

/**
 * Alerts about a VM.
 *
 * Creates:
 * - an e-mail notification channel (https://registry.terraform.io/providers/hashicorp/google/6.50.0/docs/resources/monitoring_notification_channel)
 * - alert policies (https://registry.terraform.io/providers/hashicorp/google/6.50.0/docs/resources/monitoring_alert_policy): the VM is down while it should be running,
 *   it could not be started, its disk is almost full, the certificate of its API server expires soon, the last dump is too old
 *
 * The VM writes the metrics of its disk, certificate and dumps itself, see node-metrics.sh. A Slack channel has an e-mail address,
 * so that alerts can be sent to the channel of deployments: https://slack.com/help/articles/206819278
 *
 * @example
 * const { attempts } = new Watchdog(this, 'watchdog', {
 *   vm: 'threads-prod-vm',
 *   name: 'threads-prod-watchdog',
 *   account: 'threads-prod-watchdog',
 *   roleId: 'threads_prod_watchdog',
 *   metric: 'threads_prod_watchdog_attempts',
 *   project: 'acme-project',
 *   zone: 'us-east1-b',
 *   paused: false,
 * });
 * new Alerts(this, 'alerts', { email: 'ops@example.com', vm: 'threads-prod-vm', attempts, dumps: true, labels: { platform: 'threads' } });
 */
export class Alerts extends Construct {
  /** The channel that notifications are sent to. */
  readonly channel: MonitoringNotificationChannel;

  constructor(scope: Construct, id: string, props: AlertsProps) {
    super(scope, id);
    const { email, vm, attempts } = props;
    this.channel = new MonitoringNotificationChannel(this, 'channel', {
      displayName: `${vm}: ${email}`,
      type: 'email',
      labels: { email_address: email },
      userLabels: props.labels,
    });
    const uptime = `compute_googleapis_com:instance_uptime_total{monitored_resource="gce_instance",instance_name="${vm}"}`;
    const awake = `sum(increase(logging_googleapis_com:user_${attempts.nameInput}{monitored_resource="cloud_scheduler_job"}[20m])) > 0`;
    const recent = (name: string) =>
      `custom_googleapis_com:strata_${name}{monitored_resource="gce_instance",vm="${vm}"}[${METRICS_WINDOW}]`;

    this.alert('down', props, {
      says: `${vm} is down while it should be awake`,
      severity: 'CRITICAL',
      condition: query(`absent(${uptime}) and on() (${awake})`, '900s'),
      todo: 'The watchdog tries to start the VM every ten minutes. If the zone has no spot capacity, wait, or set `spot` to false.',
    });
    this.alert('start-failed', props, {
      says: `${vm} could not be started`,
      severity: 'ERROR',
      condition: {
        conditionMatchedLog: {
          filter: [
            'resource.type="gce_instance"',
            'protoPayload.methodName=~"compute\\.instances\\.start$"',
            `protoPayload.resourceName=~"/instances/${vm}$"`,
            'severity>=ERROR',
          ].join(' AND '),
        },
      },
      strategy: { notificationRateLimit: { period: '3600s' }, autoClose: '86400s' },
      todo: 'Usually the zone has no spot capacity. The watchdog job still reports success, because its request was accepted.',
    });
    this.alert('disk', props, {
      says: `the disk of ${vm} is more than ${DISK_LIMIT}% full`,
      severity: 'WARNING',
      condition: query(`max(max_over_time(${recent('disk_used_percent')})) > ${DISK_LIMIT}`, '600s'),
      todo: 'Increase `disk.sizeGb`. The disk grows in place, and the file system at the next boot.',
    });
    this.alert('certificate', props, {
      says: `the API server certificate on ${vm} expires within ${CERTIFICATE_LIMIT} days`,
      severity: 'WARNING',
      condition: query(`min(min_over_time(${recent('certificate_days')})) < ${CERTIFICATE_LIMIT}`, '600s'),
      todo: 'Restart k0s, which renews its certificates when it starts.',
    });
    if (!props.dumps) return;
    this.alert('dump', props, {
      says: `the last dump of the database on ${vm} is more than ${DUMP_LIMIT} hours old`,
      severity: 'ERROR',
      condition: query(`min(max_over_time(${recent('dump_hours')})) > ${DUMP_LIMIT}`, '600s'),
      todo: 'Read the logs of the last job: `kubectl logs --namespace NAMESPACE --selector app.kubernetes.io/name=postgres-backup --all-containers`.',
    });
  }

  private alert(
    id: string,
    { labels }: AlertsProps,
    alert: {
      readonly says: string;
      readonly severity: 'CRITICAL' | 'ERROR' | 'WARNING';
      readonly condition: Omit<MonitoringAlertPolicyConditions, 'displayName'>;
      readonly strategy?: MonitoringAlertPolicyAlertStrategy;
      /** What to do, shown in the notification. */
      readonly todo: string;
    },
  ): void {
    new MonitoringAlertPolicy(this, id, {
      displayName: alert.says,
      severity: alert.severity,
      combiner: 'OR',
      conditions: [{ displayName: alert.says, ...alert.condition }],
      ...(alert.strategy && { alertStrategy: alert.strategy }),
      notificationChannels: [this.channel.id],
      documentation: { content: alert.todo, mimeType: 'text/markdown' },
      userLabels: labels,
    });
  }
}

/** A PromQL condition. Validation is off, since the metrics do not exist until the VM writes them for the first time. */
function query(text: string, duration: string): Omit<MonitoringAlertPolicyConditions, 'displayName'> {
  return {
    conditionPrometheusQueryLanguage: {
      query: text,
      duration,
      evaluationInterval: '60s',
      disableMetricValidation: true,
    },
  };
}
