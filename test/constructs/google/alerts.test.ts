import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LoggingMetric } from '@cdktf/provider-google/lib/logging-metric';
import { Alerts } from '../../../constructs/google/alerts';
import { type Json, synthScope, temporaryFolder } from '../../helpers/synth';

const folder = temporaryFolder();
const MINUTE = 60;
const { resource } = synthScope(folder, (scope) => {
  const attempts = new LoggingMetric(scope, 'attempts', { name: 'threads_prod_watchdog_attempts', filter: 'f' });
  new Alerts(scope, 'alerts', {
    email: 'alerts@example.com',
    vm: 'threads-prod-vm',
    attempts,
    dumps: true,
    labels: {},
  });
});
const policies = Object.values<Json>(resource.google_monitoring_alert_policy);
const policy = (says: string) => policies.find((one) => one.display_name.includes(says));
const query = (says: string) => policy(says).conditions[0].condition_prometheus_query_language;

test('every alert has a recipient and instructions', () => {
  const [channel] = Object.keys(resource.google_monitoring_notification_channel);
  expect(policies).toHaveLength(5);
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

test('a failed start alerts at most once an hour', () => {
  const { conditions, alert_strategy } = policy('could not be started');
  expect(conditions[0].condition_matched_log.filter).toContain(
    'protoPayload.resourceName=~"/instances/threads-prod-vm$"',
  );
  expect(alert_strategy.notification_rate_limit).toEqual({ period: '3600s' });
});

test('the disk may be 80 % full, and the certificate must be good for 30 days', () => {
  const vital = (name: string) =>
    `custom_googleapis_com:strata_${name}{monitored_resource="gce_instance",vm="threads-prod-vm"}[15m]`;
  expect(query('disk').query).toBe(`max(max_over_time(${vital('disk_used_percent')})) > 80`);
  expect(query('certificate').query).toBe(`min(min_over_time(${vital('certificate_days')})) < 30`);
});

test('a dump may be 30 hours old, where there are dumps', () => {
  const hours = 'custom_googleapis_com:strata_dump_hours{monitored_resource="gce_instance",vm="threads-prod-vm"}[15m]';
  expect(query('last dump').query).toBe(`min(max_over_time(${hours})) > 30`);
  const { resource: without } = synthScope(folder, (scope) => {
    const attempts = new LoggingMetric(scope, 'attempts', { name: 'a', filter: 'f' });
    new Alerts(scope, 'alerts', { email: 'alerts@example.com', vm: 'v', attempts, dumps: false, labels: {} });
  });
  expect(Object.keys(without.google_monitoring_alert_policy)).toHaveLength(4);
});

describe('what the VM says of itself every few minutes', () => {
  const script = readFileSync(join(__dirname, '../../../constructs/google/k0s-vm.sh'), 'utf8');
  const minutes = Number(/OnUnitActiveSec=(\d+)min/.exec(script)?.[1]);
  // systemd's default AccuracySec lets a timer fire a minute late.
  const interval = (minutes + 1) * MINUTE;

  test.each(['disk', 'certificate'])('is enough for the %s alert, even when one time is lost', (says) => {
    const window = Number(/\[(\d+)m\]/.exec(query(says).query)?.[1]) * MINUTE;
    const [evaluation, duration] = [query(says).evaluation_interval, query(says).duration].map(Number.parseFloat);
    expect(evaluation).toBeGreaterThan(0);
    const lost = 4;
    const samples = Array.from({ length: 20 }, (_, index) => index * interval).filter((_, index) => index !== lost);
    const last = samples.at(-1) ?? 0;
    const isSeen = (at: number) => samples.some((sample) => sample <= at && sample > at - window);
    let since: number | undefined;
    const firing: number[] = [];
    for (let at = 0; at <= last; at += Number(evaluation)) {
      since = isSeen(at) ? (since ?? at) : undefined;
      if (since !== undefined && at - since >= Number(duration)) firing.push(at);
    }
    expect(firing[0]).toBe(duration);
    expect(firing).toHaveLength((last - Number(duration)) / Number(evaluation) + 1);
  });

  const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
  (hasPromtool ? test : test.skip)('makes both alerts fire in Prometheus', () => {
    const rules = ['disk', 'certificate'].map((says) => {
      const { query: expr, duration } = query(says);
      return { alert: says, expr, for: duration };
    });
    const series = (says: string, value: number) => ({
      series: /[\w:]+\{.*\}/.exec(query(says).query)?.[0],
      // A value, then nothing until the next one is due; the third one is lost.
      values: Array.from({ length: 10 }, (_, n) => `${n === 2 ? '_' : value} _x${interval / MINUTE - 1}`).join(' '),
    });
    const at = (says: string) => ({
      eval_time: '20m',
      alertname: says,
      exp_alerts: [{}],
    });
    writeFileSync(join(folder, 'rules.json'), JSON.stringify({ groups: [{ name: 'alerts', interval: '1m', rules }] }));
    writeFileSync(
      join(folder, 'test.json'),
      JSON.stringify({
        rule_files: ['rules.json'],
        evaluation_interval: '1m',
        tests: [
          {
            interval: '1m',
            input_series: [series('disk', 81), series('certificate', 29)],
            alert_rule_test: [at('disk'), at('certificate')],
          },
        ],
      }),
    );
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', join(folder, 'test.json')], {
      encoding: 'utf8',
    });
    expect(`${status} ${stdout}${stderr}`).toContain('SUCCESS');
  });
});

test('metrics that the VM has yet to make do not keep an alert from being made', () => {
  for (const says of ['is down', 'disk', 'certificate', 'last dump'])
    expect(query(says).disable_metric_validation).toBe(true);
});
