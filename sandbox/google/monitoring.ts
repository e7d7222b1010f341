import type { Values } from '../protocol/values';
import { CloudError } from './cloud-error';
import { defineResource } from './resource';
import { block, refuseUnlike, text } from './values';

const durations = { create: 'control plane call', delete: 'control plane call' } as const;

/** An alert. */
export const alertPolicy = defineResource({
  type: 'google_monitoring_alert_policy',
  validateCreate: refuseAlert,
  beforeUpdate: (_prior, values) => refuseAlert(values),
  computed: (_values, _context, key) => ({ name: key, creation_record: [] }),
  durations,
});

/** Where alerts go. */
export const notificationChannel = defineResource({
  type: 'google_monitoring_notification_channel',
  validateCreate: refuseChannel,
  beforeUpdate: (_prior, values) => refuseChannel(values),
  computed: (_values, _context, key) => ({ name: key, verification_status: 'UNVERIFIED' }),
  durations,
});

/** A check from outside. */
export const uptimeCheck = defineResource({
  type: 'google_monitoring_uptime_check_config',
  computed: (_values, _context, key) => ({ name: key, uptime_check_id: key.split('/').at(-1) ?? '' }),
  durations,
});

/** A metric counted out of logs. */
export const loggingMetric = defineResource({
  type: 'google_logging_metric',
  computed: (values) => ({ id: text(values, 'name') }),
  durations,
});

/** A health check. */
export const healthCheck = defineResource({
  type: 'google_compute_health_check',
  computed: (values, context) => ({
    creation_timestamp: context.world.clock.iso(),
    type:
      ['tcp', 'http', 'https', 'ssl']
        .find((kind) => (values[`${kind}_health_check`] as unknown[] | null)?.length)
        ?.toUpperCase() ?? null,
  }),
  durations,
});

/** An unmanaged group of instances. */
export const instanceGroup = defineResource({
  type: 'google_compute_instance_group',
  computed: (values) => ({ size: (values['instances'] as unknown[] | null)?.length ?? 0 }),
  recomputed: ['size'],
  durations,
});

/** A budget of a billing account. */
export const budget = defineResource({
  type: 'google_billing_budget',
  validateCreate: (values) =>
    refuseUnlike(/^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$/, 'billingAccount', text(values, 'billing_account')),
  computed: (_values, _context, key) => ({ name: key }),
  durations,
});

/** Labels that a notification channel needs, by its type. Source: Cloud Monitoring, notification channel descriptors. */
const CHANNELS: Readonly<Record<string, readonly string[]>> = {
  email: ['email_address'],
  google_chat: ['space'],
  pagerduty: [],
  pubsub: ['topic'],
  slack: ['channel_name'],
  sms: ['number'],
  webhook_basicauth: ['url', 'username'],
  webhook_tokenauth: ['url'],
};

/** Labels that Terraform keeps as secrets instead, under other names. */
const SECRETS = ['auth_token', 'password', 'service_key'];

/** Refuses a channel that Cloud Monitoring refuses. @throws CloudError */
function refuseChannel(values: Values): void {
  const type = text(values, 'type');
  const labels = Object.keys((values['labels'] as Values | null | undefined) ?? {});
  const needed = CHANNELS[type];
  if (!needed) {
    throw new CloudError(
      {
        status: 400,
        reason: 'badRequest',
        message: `Field "notification_channel.type" had an invalid value of "${type}": unknown notification channel type`,
      },
      `known are ${Object.keys(CHANNELS).join(', ')}`,
    );
  }
  const missing = needed.find((label) => !labels.includes(label));
  if (missing) {
    throw new CloudError({
      status: 400,
      reason: 'badRequest',
      message: `Field "notification_channel.labels['${missing}']" is required for channels of type "${type}".`,
    });
  }
  const unexpected = labels.find((label) => !needed.includes(label) && !SECRETS.includes(label) && label !== 'team');
  if (unexpected) {
    throw new CloudError({
      status: 400,
      reason: 'badRequest',
      message: `Field "notification_channel.labels['${unexpected}']" is not allowed for channels of type "${type}".`,
    });
  }
}

/** Refuses an alert on logs that Cloud Monitoring refuses. @throws CloudError */
function refuseAlert(values: Values): void {
  const conditions = (values['conditions'] as Values[] | null | undefined) ?? [];
  const isOnLogs = conditions.some((condition) => block(condition, 'condition_matched_log'));
  if (!isOnLogs || block(block(values, 'alert_strategy') ?? {}, 'notification_rate_limit')) return;
  throw new CloudError({
    status: 400,
    reason: 'badRequest',
    message:
      'Field alert_policy.alert_strategy.notification_rate_limit must be set for a policy with a log match condition.',
  });
}
