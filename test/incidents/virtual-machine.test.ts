import { join } from 'node:path';
import { stackId } from '../../contracts/layers';
import { loadPlatform } from '../../platforms/load';
import { environmentOf } from '../../platforms/schema/define-platform';
import { vmOf } from '../../platforms/schema/environment';
import type { Restore, Restores } from '../../platforms/schema/restore';
import { address } from '../../sandbox/google/compute/address';
import { powerOff, preempt } from '../../sandbox/google/compute/machine';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox';
import { synthesise } from '../../stacks/app';
import { Stack } from '../../terraform/stack';
import { temporaryFolder } from '../helpers/synth';

const clouds = join(temporaryFolder(), 'clouds');
const platform = loadPlatform('threads', { restoreFile: 'absent.json' });
const VM = 'projects/web-service-design/zones/us-east1-b/instances/threads-prod-vm';
const SCHEDULER_JOB = 'google_cloud_scheduler_job';

const MINUTE = 60;
/** Ten in the morning in Taipei, where production is awake until nine in the evening. */
const MORNING = Date.parse('2026-01-05T02:00:00Z');
const NIGHT = Date.parse('2026-01-05T14:30:00Z');

let sandbox: Sandbox;

/** Layer 00-vpc of production with a changed boot disk, as a restore has decided, or elsewhere in Google Cloud. */
function layer(disk: object = {}, restore?: Restore, google: object = {}): Stack {
  const vm = vmOf(platform, 'prod');
  const cluster = { ...vm, disk: { ...vm.disk, ...disk } };
  const restores: Restores = restore ? { prod: restore } : {};
  const environments = { prod: { ...environmentOf(platform, 'prod'), cluster } };
  const changed = { ...platform, google: { ...platform.google, ...google }, restores, environments };
  const stack = stackId('00-vpc', 'prod');
  return new Stack(stack, join(synthesise(changed, join(clouds, 'cdktf.out')), 'stacks', stack), { env: sandbox.env });
}

async function apply(stack = layer()): Promise<void> {
  await stack.plan();
  await stack.apply();
}

beforeAll(async () => {
  sandbox = await startSandbox({
    directory: clouds,
    start: MORNING,
    buckets: [platform.state.bucket],
    images: [{ reference: 'us-east1-docker.pkg.dev/web-service-design/threads/nextjs:1', architectures: ['amd64'] }],
  });
  await apply();
});
afterAll(() => sandbox.close());

const isEmpty = async (stack = layer()) => (await stack.plan()).empty;

test('reserved address that the VM does not use: ours has our VM for a user, a spare one has none', async () => {
  const { world } = sandbox;
  const provider = { project: 'web-service-design', region: 'us-east1', zone: 'us-east1-b' };
  const [ours] = world.list('google_compute_address');
  const spare = await address.create(
    { ...ours?.values, name: 'spare', address: '10.10.0.20' },
    { world, provider, home: '' },
  );
  const users = async (key = '') => (await address.read(key, {}, { world, provider, home: '' }))?.['users'];
  expect([ours?.values['address'], await users(ours?.key)]).toEqual(['10.10.0.10', [VM]]);
  expect([spare.values['address'], await users(spare.key)]).toEqual(['10.10.0.20', []]);
});

test('newer image or snapshot planned as a replacement of the boot disk: a newer image is not', async () => {
  expect(await isEmpty(layer({ image: 'debian-cloud/debian-12' }))).toBe(true);
});

test.each([
  ['a smaller size', { sizeGb: 30 }, {}],
  ['another type', { type: 'pd-ssd' }, {}],
  ['another zone', {}, { zone: 'us-east1-c' }],
])('boot disk replaced by an empty one of the same name: %s is refused at plan', async (_, disk, google) => {
  await expect(layer(disk, undefined, google).plan()).rejects.toThrow(
    /google_compute_disk\.vm_boot-g1[\s\S]*lifecycle\.prevent_destroy/,
  );
});

test('boot disk destroyed with its layer: the plan is refused', async () => {
  await expect(layer().plan({ destroy: true })).rejects.toThrow('lifecycle.prevent_destroy');
});

test('Terraform state out of step after a manual delete: the next plan makes what is gone, and nothing else', async () => {
  const [job] = sandbox.world.list(SCHEDULER_JOB);
  sandbox.world.remove(SCHEDULER_JOB, job?.key ?? '');
  expect(await layer().plan()).toMatchObject({ added: 1, changed: 0, destroyed: 0 });
  await apply();
  expect(sandbox.world.list(SCHEDULER_JOB)).toHaveLength(1);
  expect(await isEmpty()).toBe(true);
});

describe('spot VM preempted and never started again', () => {
  const state = () => sandbox.world.data.machines[VM]?.state;

  test('its watchdog starts it within ten minutes, and terraform sees no change', async () => {
    preempt(sandbox.world, VM);
    expect(await isEmpty()).toBe(true);
    expect(state()).toBe('stopped');
    await sandbox.world.clock.advance(12 * MINUTE);
    expect(state()).toBe('running');
  });

  test('its watchdog lets it sleep at night, and its schedule wakes it', async () => {
    const { clock } = sandbox.world;
    await clock.advance((NIGHT - clock.now()) / 1000);
    expect(state()).toBe('stopped');
    expect(await isEmpty()).toBe(true);
    await clock.advance(11 * 60 * MINUTE);
    expect(state()).toBe('running');
    const [nightly] = sandbox.world.list('google_compute_snapshot');
    expect(nightly?.values['labels']).toMatchObject({ platform: 'threads', environment: 'prod' });
  });
});

describe('broken VM that is to stay off while somebody looks at it', () => {
  const state = () => sandbox.world.data.machines[VM]?.state;
  const DAY = 24 * 60 * MINUTE;

  test('is started neither by its watchdog nor by its schedule', async () => {
    await apply(layer({}, { generation: 1, watchdogPaused: true }));
    powerOff(sandbox.world, VM);
    await sandbox.world.clock.advance(DAY);
    expect(state()).toBe('stopped');
    expect(await isEmpty(layer({}, { generation: 1, watchdogPaused: true }))).toBe(true);
  });

  test('is started again once it may be', async () => {
    await apply();
    await sandbox.world.clock.advance(DAY);
    expect(state()).toBe('running');
  });
});

describe('newer image or snapshot planned as a replacement of the boot disk: a newer snapshot', () => {
  const newest = () => String(sandbox.world.list('google_compute_snapshot').at(-1)?.values['name']);
  const restored = (snapshot: string): Restore => ({ generation: 2, snapshot, previous: { generation: 1 } });
  let first = '';

  test('that the night has made is no reason to replace anything', async () => {
    first = newest();
    expect(first).toMatch(/^threads-prod-vm-boot-g1-/);
    expect(await isEmpty()).toBe(true);
  });

  test('is restored while the watchdog runs, which starts the new VM, or nothing', async () => {
    const { clock } = sandbox.world;
    powerOff(sandbox.world, VM);
    // A restore takes two minutes, and the watchdog comes at every tenth: here in the middle of it.
    await clock.advance(590 - ((clock.now() / 1000) % 600));
    const tenth = () => Math.floor(clock.now() / 600_000);
    const before = tenth();
    await apply(layer({}, restored(first)));
    await clock.settled();
    expect(tenth()).toBe(before + 1);
    const [job] = sandbox.world.list(SCHEDULER_JOB);
    expect(job?.values['paused']).toBe(false);
    const disk = expect.stringMatching(/boot-g2$/);
    expect(sandbox.world.data.machines[VM]).toMatchObject({ state: 'running', disk });
    expect(await isEmpty(layer({}, restored(first)))).toBe(true);
  });

  test('of the restored disk does not replace it again, even when its name gets into the file', async () => {
    await sandbox.world.clock.advance(24 * 60 * MINUTE);
    expect(newest()).toMatch(/^threads-prod-vm-boot-g2-/);
    expect(await isEmpty(layer({}, restored(first)))).toBe(true);
    expect(await isEmpty(layer({}, restored(newest())))).toBe(true);
  });
});

describe('a restore from a snapshot that cannot be restored', () => {
  const SNAPSHOT = 'google_compute_snapshot';
  const planned = (snapshot: string, more: Partial<Restore> = {}) =>
    layer({}, { generation: 3, snapshot, ...more }).plan();
  const none = /your filter has returned 0 snapshot\(s\)[\s\S]+with data\.google_compute_snapshot\.vm_boot-g3-snapshot/;
  const change = (values: object) => {
    const [first] = sandbox.world.list(SNAPSHOT);
    if (first) sandbox.world.put({ ...first, values: { ...first.values, ...values } });
    return String(first?.values['name']);
  };

  test('is refused by the plan if the snapshot is missing, and the VM keeps running', async () => {
    await expect(planned('mistyped')).rejects.toThrow(none);
    expect(sandbox.world.data.machines[VM]).toMatchObject({ state: 'running' });
  });

  test('is refused by the plan while the snapshot is not ready', async () => {
    const name = change({ status: 'CREATING' });
    await expect(planned(name)).rejects.toThrow(none);
    change({ status: 'READY' });
    expect(await planned(name)).toMatchObject({ destroyed: 2 });
  });

  test('is refused by the plan when the snapshot is of another environment', async () => {
    const name = change({ effective_labels: { platform: 'threads', environment: 'staging' } });
    const refusal = (await planned(name).catch(String)).toString().replace(/\s+/g, ' ');
    expect(refusal).toContain(
      `snapshot ${name} does not carry the labels of threads prod; choose one with: npm run restore -- --env prod`,
    );
  });

  test('is no matter once the restore is finished: its snapshot may expire', async () => {
    const finished = { generation: 2, snapshot: 'expired', finished: true };
    expect(await isEmpty(layer({}, finished))).toBe(true);
  });
});
