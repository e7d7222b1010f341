import { disk } from '../../google/compute/disk';
import { instance } from '../../google/compute/instance';
import { preempt } from '../../google/compute/machine';
import { network } from '../../google/compute/network';
import { snapshot } from '../../google/compute/snapshot';
import { projectIamMember } from '../../google/iam/grants';
import { serviceAccount } from '../../google/iam/service-accounts';
import { customRole } from '../../google/iam/workload-identity';
import { projectNumber } from '../../google/project-number';
import { diskPolicyAttachment, resourcePolicy, schedulerJob } from '../../google/scheduler';
import { runSchedules } from '../../google/schedules';
import { Clusters } from '../../kubernetes/clusters/clusters';
import { simulateK0s } from '../../machines/k0s';
import type { Context, ResourceBehaviour } from '../../protocol/behaviour';
import type { Values } from '../../protocol/values';
import { World } from '../../world';

const VM = 'projects/p/zones/us-east1-b/instances/vm';
const DISK = 'projects/p/zones/us-east1-b/disks/boot';
const POWER = 'projects/p/regions/us-east1/resourcePolicies/power';
const AGENT = `serviceAccount:service-${projectNumber('p')}@compute-system.iam.gserviceaccount.com`;
const MINUTE = 60;
const HOUR = 3600;
const DAY = 24 * HOUR;

let world: World;
let clusters: Clusters;
let context: Context;

/** Ten in the morning in Taipei; the VM is up. */
beforeEach(async () => {
  world = World.inMemory('2026-01-05T02:00:00Z');
  context = { world, provider: { project: 'p', region: 'us-east1', zone: 'us-east1-b' }, home: '/nonexistent' };
  simulateK0s(world, (key, start) => clusters.install(key, start));
  clusters = new Clusters(world, { controllers: [], images: { find: () => 'unknown-registry' } });
  runSchedules(world);
  await make(network, { name: 'net' });
  await make(disk, { name: 'boot', image: 'debian-cloud/debian-13' });
});

afterEach(() => world.clock.stop());

async function make(behaviour: ResourceBehaviour, values: Values): Promise<Values> {
  return (await behaviour.create(values, context)).values;
}

async function vm(more: Values = {}): Promise<void> {
  await make(instance, {
    name: 'vm',
    machine_type: 'e2-standard-2',
    metadata: { 'startup-script': 'k0s install controller' },
    boot_disk: [{ source: DISK, auto_delete: false }],
    network_interface: [{ network: 'net', access_config: [{}] }],
    scheduling: [{ provisioning_model: 'SPOT', instance_termination_action: 'STOP' }],
    ...more,
  });
  await world.clock.settled();
}

async function watchdog(job: Values = {}, condition: Values | null = null): Promise<Values> {
  const { email, member = null } = await make(serviceAccount, { account_id: 'watchdog' });
  const role = await make(customRole, { role_id: 'start', permissions: ['compute.instances.start'] });
  await make(projectIamMember, {
    project: 'p',
    role: role['name'] ?? null,
    member,
    condition: condition && [condition],
  });
  return make(schedulerJob, {
    name: 'watchdog',
    schedule: '*/10 9-20 * * *',
    time_zone: 'Asia/Taipei',
    http_target: [
      {
        http_method: 'POST',
        uri: `https://compute.googleapis.com/compute/v1/${VM}/start`,
        oauth_token: [{ service_account_email: email ?? null }],
      },
    ],
    ...job,
  });
}

async function power(): Promise<void> {
  const permissions = ['compute.instances.start', 'compute.instances.stop'];
  const role = await make(customRole, { role_id: 'power', permissions });
  await make(projectIamMember, { project: 'p', role: role['name'] ?? null, member: AGENT });
  await world.clock.advance(MINUTE);
  await make(resourcePolicy, {
    name: 'power',
    instance_schedule_policy: [
      {
        time_zone: 'Asia/Taipei',
        vm_start_schedule: [{ schedule: '0 9 * * *' }],
        vm_stop_schedule: [{ schedule: '0 21 * * *' }],
      },
    ],
  });
}

const state = () => world.data.machines[VM]?.state;
const status = async () => (await instance.read(VM, {}, context))?.['current_status'];

/** Lets time pass until a moment of 5 January, or of a later day. */
const until = (time: string, day = 5) =>
  world.clock.advance((Date.parse(`2026-01-0${day}T${time}:00Z`) - world.clock.now()) / 1000);

describe('a preempted VM', () => {
  test('is stopped, keeps its disk, and stays off', async () => {
    await vm();
    preempt(world, VM);
    await world.clock.advance(DAY);
    expect([state(), await status()]).toEqual(['stopped', 'TERMINATED']);
    expect(world.data.disks[DISK]?.cluster).toBeDefined();
  });

  test('is started again within ten minutes inside hours, with the same cluster', async () => {
    await watchdog();
    await vm();
    const { uid } = clusters.get(VM)?.data ?? {};
    preempt(world, VM);
    await world.clock.advance(12 * MINUTE);
    expect([state(), await status()]).toEqual(['running', 'RUNNING']);
    expect(uid).toBeDefined();
    expect(clusters.get(VM)?.data.uid).toBe(uid);
  });

  test('is left alone outside hours', async () => {
    await watchdog();
    await vm();
    await until('13:00');
    preempt(world, VM);
    await until('00:59', 6);
    expect(state()).toBe('stopped');
    await until('01:02', 6);
    expect(state()).toBe('running');
  });

  test.each<[string, Values, Values | null]>([
    ['a paused watchdog', { paused: true }, null],
    ['one that may start another VM only', {}, { expression: 'resource.name == "projects/p/zones/z/instances/other"' }],
  ])('is not started by %s', async (_, job, condition) => {
    await watchdog(job, condition);
    await vm();
    preempt(world, VM);
    await world.clock.advance(DAY);
    expect(state()).toBe('stopped');
  });

  test('is started by a watchdog that may start this VM only', async () => {
    await watchdog({}, { expression: `resource.type == "t" && resource.name == "${VM}"` });
    await vm();
    preempt(world, VM);
    await world.clock.advance(12 * MINUTE);
    expect(state()).toBe('running');
  });

  test('was a spot VM: another one is never taken away', async () => {
    await vm({ scheduling: [{ provisioning_model: 'STANDARD' }] });
    expect(() => preempt(world, VM)).toThrow(
      `cannot preempt ${VM}: got {"provisioning_model":"STANDARD"}; only a spot instance that stops can be`,
    );
  });
});

describe('a VM with hours', () => {
  test('sleeps at 21:00 in Taipei, and answers at 09:00 with the same cluster', async () => {
    await power();
    await vm({ resource_policies: [POWER] });
    const cluster = clusters.get(VM);
    await until('12:59');
    expect(cluster?.host.answers).toBe(true);
    await until('13:00');
    expect([cluster?.host.answers, await status()]).toEqual([false, 'TERMINATED']);
    await until('00:59', 6);
    expect(cluster?.host.answers).toBe(false);
    await until('01:02', 6);
    expect([cluster?.host.answers, clusters.get(VM)]).toEqual([true, cluster]);
  });

  test('runs on when Compute Engine has lost its permission', async () => {
    await power();
    await vm({ resource_policies: [POWER] });
    const [grant] = world.list('google_project_iam_member');
    world.remove('google_project_iam_member', grant?.key ?? '');
    await until('14:00');
    expect(state()).toBe('running');
  });

  test('is not woken by its watchdog at night', async () => {
    await watchdog();
    await power();
    await vm({ resource_policies: [POWER] });
    await until('20:00');
    expect(state()).toBe('stopped');
  });
});

describe('a snapshot schedule', () => {
  const taken = () => world.list('google_compute_snapshot').map(({ values }) => values);

  async function schedule(policy: Values): Promise<void> {
    await make(resourcePolicy, {
      name: 'daily',
      snapshot_schedule_policy: [
        {
          schedule: [policy],
          retention_policy: [{ max_retention_days: 3, on_source_disk_delete: 'KEEP_AUTO_SNAPSHOTS' }],
          snapshot_properties: [{ labels: { platform: 'threads' }, storage_locations: ['us-east1'] }],
        },
      ],
    });
    await make(diskPolicyAttachment, { name: 'daily', disk: 'boot', zone: 'us-east1-b', project: 'p' });
  }

  const daily = { daily_schedule: [{ days_in_cycle: 1, start_time: '14:00' }] };

  test('takes a snapshot a day, with its labels, of what is on the disk', async () => {
    await schedule(daily);
    await vm();
    await until('13:59');
    expect(taken()).toEqual([]);
    await until('14:05');
    expect(taken()).toEqual([
      expect.objectContaining({
        name: expect.stringMatching(/^boot-us-east1-b-20260105140000-\d+$/),
        creation_timestamp: '2026-01-05T14:00:00Z',
        effective_labels: { platform: 'threads' },
        storage_locations: ['us-east1'],
        status: 'READY',
      }),
    ]);
    const { cluster } = world.data.disks[String(taken()[0]?.['id'])] ?? {};
    expect(cluster?.uid).toBe(clusters.get(VM)?.data.uid);
  });

  test('deletes what is too old, and nothing that others have taken', async () => {
    await make(snapshot, { name: 'by-hand', source_disk: DISK });
    await schedule(daily);
    await world.clock.advance(5 * DAY);
    const days = taken().map((values) => String(values['creation_timestamp']).slice(8, 10));
    expect(days).toEqual(['05', '07', '08', '09']);
    expect(taken()[0]?.['name']).toBe('by-hand');
  });

  test('deletes nothing any more once the disk is gone', async () => {
    await schedule(daily);
    await world.clock.advance(DAY);
    world.remove('google_compute_disk', DISK);
    await world.clock.advance(5 * DAY);
    expect(taken()).toHaveLength(1);
  });

  test.each<[string, Values, number]>([
    ['every six hours', { hourly_schedule: [{ hours_in_cycle: 6, start_time: '04:00' }] }, 4],
    ['on Tuesdays', { weekly_schedule: [{ day_of_weeks: [{ day: 'TUESDAY', start_time: '01:00' }] }] }, 1],
    ['on Sundays', { weekly_schedule: [{ day_of_weeks: [{ day: 'SUNDAY', start_time: '01:00' }] }] }, 0],
  ])('takes them %s', async (_, policy, count) => {
    await schedule(policy);
    await world.clock.advance(DAY);
    expect(taken()).toHaveLength(count);
  });
});

test('schedules alone never make time pass', async () => {
  await watchdog();
  await vm();
  const before = world.clock.now();
  preempt(world, VM);
  await world.clock.settled();
  expect(world.clock.now()).toBe(before);
});
