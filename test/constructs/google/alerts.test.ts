import { LoggingMetric } from '@cdktf/provider-google/lib/logging-metric';
import { Alerts } from '../../../constructs/google/alerts';
import { Budget } from '../../../constructs/google/budget';
import { type Json, synthScope, temporaryFolder } from '../../helpers/synth';

const folder = temporaryFolder();
const { resource } = synthScope(folder, (scope) => {
  const attempts = new LoggingMetric(scope, 'attempts', { name: 'threads_prod_watchdog_attempts', filter: 'f' });
  new Alerts(scope, 'alerts', { email: 'alerts@example.com', vm: 'threads-prod-vm', attempts, labels: {} });
});
const policies = Object.values<Json>(resource.google_monitoring_alert_policy);
const policy = (says: string) => policies.find((one) => one.display_name.includes(says));
const query = (says: string) => policy(says).conditions[0].condition_prometheus_query_language;

test('every alert is told to somebody, with what to do', () => {
  const [channel] = Object.keys(resource.google_monitoring_notification_channel);
  expect(policies).toHaveLength(4);
  for (const one of policies) {
    expect(one.notification_channels).toEqual([`\${google_monitoring_notification_channel.${channel}.id}`]);
    expect(one.documentation.content).toMatch(/\.$/);
  }
});

test('a VM that is down is a matter of alarm only while the watchdog tries to start it', () => {
  expect(query('is down').query).toBe(
    'absent(compute_googleapis_com:instance_uptime_total{monitored_resource="gce_instance",instance_name="threads-prod-vm"}) ' +
      'and on() (sum(increase(logging_googleapis_com:user_threads_prod_watchdog_attempts{monitored_resource="cloud_scheduler_job"}[20m])) > 0)',
  );
  expect(query('is down').duration).toBe('900s');
});

test('a start that fails is told, at most once an hour', () => {
  const { conditions, alert_strategy } = policy('could not be started');
  expect(conditions[0].condition_matched_log.filter).toContain(
    'protoPayload.resourceName=~"/instances/threads-prod-vm$"',
  );
  expect(alert_strategy.notification_rate_limit).toEqual({ period: '3600s' });
});

test('the disk may be 80 % full, and the certificate must be good for 30 days', () => {
  expect(query('disk').query).toMatch(
    /^max\(custom_googleapis_com:strata_disk_used_percent\{.*vm="threads-prod-vm"\}\) > 80$/,
  );
  expect(query('certificate').query).toMatch(/^min\(custom_googleapis_com:strata_certificate_days\{.*\}\) < 30$/);
});

test('metrics that the VM has yet to make do not keep an alert from being made', () => {
  for (const says of ['is down', 'disk', 'certificate']) expect(query(says).disable_metric_validation).toBe(true);
});

test('a budget counts one environment, and speaks up before the money is spent', () => {
  const { resource } = synthScope(folder, (scope) => {
    new Budget(scope, 'budget', {
      name: 'threads-prod',
      billing: { account: '012345-6789AB-CDEF01', currency: 'USD' },
      monthly: 60,
      projectNumber: '123',
      environment: 'prod',
      channel: 'projects/p/notificationChannels/1',
    });
  });
  expect(Object.values(resource.google_billing_budget)).toEqual([
    expect.objectContaining({
      amount: { specified_amount: { currency_code: 'USD', units: '60' } },
      budget_filter: { projects: ['projects/123'], labels: { environment: 'prod' }, calendar_period: 'MONTH' },
      threshold_rules: [
        { threshold_percent: 0.5 },
        { threshold_percent: 0.9 },
        { threshold_percent: 1, spend_basis: 'FORECASTED_SPEND' },
      ],
    }),
  ]);
});
