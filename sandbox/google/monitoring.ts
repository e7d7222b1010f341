import { defineResource, text } from './resource';

const takes = { create: 'control plane call', delete: 'control plane call' } as const;

/** An alert. */
export const alertPolicy = defineResource({
  type: 'google_monitoring_alert_policy',
  noun: 'alert policy',
  key: 'projects/{project}/alertPolicies/{#}',
  refers: { notification_channels: 'google_monitoring_notification_channel' },
  computed: (_values, _context, key) => ({ name: key, creation_record: [] }),
  takes,
});

/** Where alerts go. */
export const notificationChannel = defineResource({
  type: 'google_monitoring_notification_channel',
  noun: 'notification channel',
  key: 'projects/{project}/notificationChannels/{#}',
  computed: (_values, _context, key) => ({ name: key, verification_status: 'UNVERIFIED' }),
  takes,
});

/** A check from outside. */
export const uptimeCheck = defineResource({
  type: 'google_monitoring_uptime_check_config',
  noun: 'uptime check',
  key: 'projects/{project}/uptimeCheckConfigs/{#}',
  computed: (_values, _context, key) => ({ name: key, uptime_check_id: key.split('/').at(-1) ?? '' }),
  takes,
});

/** A metric counted out of logs. */
export const loggingMetric = defineResource({
  type: 'google_logging_metric',
  noun: 'metric',
  key: 'projects/{project}/metrics/{name}',
  computed: (values) => ({ id: text(values, 'name') }),
  takes,
});

/** A health check. */
export const healthCheck = defineResource({
  type: 'google_compute_health_check',
  noun: 'health check',
  key: 'projects/{project}/global/healthChecks/{name}',
  computed: (values, context) => ({
    creation_timestamp: context.world.clock.iso(),
    type:
      ['tcp', 'http', 'https', 'ssl']
        .find((kind) => (values[`${kind}_health_check`] as unknown[] | null)?.length)
        ?.toUpperCase() ?? null,
  }),
  takes,
});

/** An unmanaged group of instances. */
export const instanceGroup = defineResource({
  type: 'google_compute_instance_group',
  noun: 'instance group',
  key: 'projects/{project}/zones/{zone}/instanceGroups/{name}',
  refers: { instances: 'google_compute_instance', network: 'google_compute_network' },
  computed: (values) => ({ size: (values['instances'] as unknown[] | null)?.length ?? 0 }),
  recomputed: ['size'],
  takes,
});

/** A budget of a billing account. */
export const budget = defineResource({
  type: 'google_billing_budget',
  noun: 'budget',
  key: 'billingAccounts/{billing_account}/budgets/{#}',
  computed: (_values, _context, key) => ({ name: key }),
  takes,
});
