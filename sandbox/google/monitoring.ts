import { computeName, defineResource, matching, oneOf, rules, text } from './resource';

const takes = { create: 'control plane call', delete: 'control plane call' } as const;

/** An alert. */
export const alertPolicy = defineResource({
  type: 'google_monitoring_alert_policy',
  noun: 'alert policy',
  key: 'projects/{project}/alertPolicies/{#}',
  arguments: {
    combiner: oneOf('in-place', 'AND', 'OR', 'AND_WITH_MATCHING_RESOURCE'),
    severity: oneOf('in-place', 'CRITICAL', 'ERROR', 'WARNING'),
    ...rules(
      'in-place',
      'display_name',
      'enabled',
      'conditions',
      'notification_channels',
      'documentation',
      'alert_strategy',
    ),
    user_labels: 'in-place',
  },
  refers: { notification_channels: 'google_monitoring_notification_channel' },
  computed: (_values, _context, key) => ({ name: key, creation_record: [] }),
  takes,
});

/** Where alerts go. */
export const notificationChannel = defineResource({
  type: 'google_monitoring_notification_channel',
  noun: 'notification channel',
  key: 'projects/{project}/notificationChannels/{#}',
  arguments: {
    type: oneOf('replace', 'email', 'slack', 'sms', 'pagerduty', 'webhook_tokenauth', 'pubsub'),
    ...rules(
      'in-place',
      'display_name',
      'description',
      'enabled',
      'labels',
      'user_labels',
      'sensitive_labels',
      'force_delete',
    ),
  },
  plainLabels: true,
  computed: (_values, _context, key) => ({ name: key, verification_status: 'UNVERIFIED' }),
  takes,
});

/** A check from outside. */
export const uptimeCheck = defineResource({
  type: 'google_monitoring_uptime_check_config',
  noun: 'uptime check',
  key: 'projects/{project}/uptimeCheckConfigs/{#}',
  arguments: {
    ...rules('in-place', 'display_name', 'timeout', 'period', 'selected_regions', 'http_check', 'tcp_check'),
    ...rules('replace', 'monitored_resource', 'resource_group', 'checker_type'),
    ...rules('in-place', 'content_matchers', 'user_labels'),
  },
  computed: (_values, _context, key) => ({ name: key, uptime_check_id: key.split('/').at(-1) ?? '' }),
  takes,
});

/** A metric counted out of logs. */
export const loggingMetric = defineResource({
  type: 'google_logging_metric',
  noun: 'metric',
  key: 'projects/{project}/metrics/{name}',
  arguments: {
    name: 'replace',
    ...rules(
      'in-place',
      'filter',
      'description',
      'disabled',
      'metric_descriptor',
      'label_extractors',
      'value_extractor',
    ),
  },
  computed: (values) => ({ id: text(values, 'name') }),
  takes,
});

/** A health check. */
export const healthCheck = defineResource({
  type: 'google_compute_health_check',
  noun: 'health check',
  key: 'projects/{project}/global/healthChecks/{name}',
  arguments: {
    name: computeName,
    ...rules(
      'in-place',
      'check_interval_sec',
      'timeout_sec',
      'healthy_threshold',
      'unhealthy_threshold',
      'description',
    ),
    ...rules(
      'in-place',
      'tcp_health_check',
      'http_health_check',
      'https_health_check',
      'ssl_health_check',
      'log_config',
    ),
  },
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
  arguments: {
    name: computeName,
    description: 'replace',
    network: 'replace',
    ...rules('in-place', 'instances', 'named_port'),
  },
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
  arguments: {
    billing_account: matching(
      'replace',
      /^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$/,
      'a billing account id such as 012345-6789AB-CDEF01',
    ),
    ...rules('in-place', 'display_name', 'amount', 'budget_filter', 'threshold_rules', 'all_updates_rule'),
  },
  computed: (_values, _context, key) => ({ name: key }),
  takes,
});
