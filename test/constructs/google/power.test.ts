import { PowerSchedule } from '../../../constructs/google/power-schedule';
import { Watchdog } from '../../../constructs/google/watchdog';
import { namesOf } from '../../../platforms/schema/names';
import type { Power } from '../../../platforms/schema/power';
import { type Json, synthScope, temporaryFolder } from '../../helpers/synth';

const folder = temporaryFolder();
const names = namesOf('threads', 'prod');
const power: Power = { start: '09:00', stop: '21:00', timeZone: 'Asia/Taipei' };
const only = (resources: Json): Json => Object.values(resources)[0];

function watchdog(changes: { power?: Power; paused?: boolean } = {}): Json {
  const { resource } = synthScope(folder, (scope) => {
    new Watchdog(scope, 'watchdog', {
      vm: names.vm,
      name: names.part('watchdog'),
      account: names.account('watchdog'),
      roleId: names.underscored('watchdog'),
      metric: names.underscored('watchdog_attempts'),
      project: 'p',
      zone: 'us-east1-b',
      power,
      paused: false,
      ...changes,
    });
  });
  return resource;
}

describe('the power schedule', () => {
  const { resource } = synthScope(folder, (scope) => {
    new PowerSchedule(scope, 'power', {
      vm: names.vm,
      name: names.part('power'),
      roleId: names.underscored('power'),
      power,
      project: 'p',
      projectNumber: '123',
    });
  });

  test('starts and stops at full hours of its time zone', () => {
    expect(only(resource.google_compute_resource_policy).instance_schedule_policy).toEqual({
      time_zone: 'Asia/Taipei',
      vm_start_schedule: { schedule: '0 9 * * *' },
      vm_stop_schedule: { schedule: '0 21 * * *' },
    });
  });

  test("lets Compute Engine's own identity start and stop, and nothing else", () => {
    const [role] = Object.keys(resource.google_project_iam_custom_role);
    expect(only(resource.google_project_iam_custom_role)).toMatchObject({
      role_id: 'threads_prod_power',
      permissions: ['compute.instances.start', 'compute.instances.stop'],
    });
    expect(only(resource.google_project_iam_member)).toMatchObject({
      role: `\${google_project_iam_custom_role.${role}.name}`,
      member: 'serviceAccount:service-123@compute-system.iam.gserviceaccount.com',
    });
  });

  test('is permitted two minutes after the grant, and again after another grant', () => {
    const [grant] = Object.keys(resource.google_project_iam_member);
    expect(only(resource.time_sleep)).toMatchObject({
      create_duration: '120s',
      depends_on: [`google_project_iam_member.${grant}`],
      triggers: { permission: `\${google_project_iam_member.${grant}.id}` },
    });
  });
});

describe('the watchdog', () => {
  test.each<[string, Power | undefined, string, string]>([
    ['inside the hours', power, '*/10 9-20 * * *', 'Asia/Taipei'],
    ['over midnight', { ...power, start: '22:00', stop: '02:00' }, '*/10 0-1,22-23 * * *', 'Asia/Taipei'],
    ['for a single hour', { ...power, start: '09:00', stop: '10:00' }, '*/10 9 * * *', 'Asia/Taipei'],
    ['always, of a VM that is always awake', undefined, '*/10 * * * *', 'Etc/UTC'],
  ])('calls every ten minutes %s', (_, power, schedule, zone) => {
    expect(only(watchdog({ power }).google_cloud_scheduler_job)).toMatchObject({ schedule, time_zone: zone });
  });

  test('starts its VM with an identity that may do that alone', () => {
    const { google_cloud_scheduler_job, google_project_iam_custom_role, google_project_iam_member } = watchdog();
    expect(only(google_cloud_scheduler_job).http_target).toMatchObject({
      http_method: 'POST',
      uri: 'https://compute.googleapis.com/compute/v1/projects/p/zones/us-east1-b/instances/threads-prod-vm/start',
      oauth_token: { scope: 'https://www.googleapis.com/auth/compute' },
    });
    expect(only(google_project_iam_custom_role).permissions).toEqual(['compute.instances.start']);
    expect(only(google_project_iam_member).condition.expression).toBe(
      'resource.type == "compute.googleapis.com/Instance" && resource.name == "projects/p/zones/us-east1-b/instances/threads-prod-vm"',
    );
  });

  test('can be held back', () => {
    expect(only(watchdog().google_cloud_scheduler_job).paused).toBe(false);
    expect(only(watchdog({ paused: true }).google_cloud_scheduler_job).paused).toBe(true);
  });

  test('counts its attempts, by a name that the query language takes', () => {
    expect(only(watchdog().google_logging_metric)).toMatchObject({
      name: 'threads_prod_watchdog_attempts',
      filter: expect.stringContaining('resource.labels.job_id="threads-prod-watchdog"'),
    });
  });
});
