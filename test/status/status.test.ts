import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reading } from '../../clients/reading';
import { vmStateOf } from '../../clients/vm-state';
import { lastRehearsal } from '../../status/read-status';
import { type EnvironmentStatus, isAsleep, renderStatus } from '../../status/status';
import { temporaryFolder } from '../helpers/synth';

const folder = temporaryFolder();

const NOW = new Date('2026-01-05T03:30:00Z');

const up: EnvironmentStatus = {
  platform: 'threads',
  env: 'prod',
  layers: {
    value: [
      { id: '00-vpc', resources: 47 },
      { id: '01-k8s', resources: 1 },
      { id: '02-argocd-app', resources: 0 },
    ],
  },
  vm: { value: { state: 'awake', until: '21:00 Asia/Taipei' } },
  argocd: { value: { status: 'Synced', revision: 'cbe1929aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' } },
  images: { value: [{ image: 'example.com/threads/nextjs:8caff6f', pods: 2, ready: 1 }] },
  secrets: {
    value: [
      { name: 'threads-prod-postgres-password', state: 'set' },
      { name: 'threads-prod-tunnel-token', state: 'empty' },
    ],
  },
  snapshot: {
    value: {
      name: 'threads-prod-vm-01-k8s-20260104-140000',
      createdAt: new Date('2026-01-04T14:00:00Z'),
      readAt: new Date('2026-01-05T03:30:00Z'),
    },
  },
  rehearsal: { value: { ok: true, at: new Date('2026-01-05T03:00:00Z') } },
};

test('an environment that is up is one screen', () => {
  expect(renderStatus(up, NOW)).toBe(`threads prod
  layers     00-vpc         47 resources
             01-k8s         1 resource
             02-argocd-app  not deployed
  VM         awake until 21:00 Asia/Taipei
  Argo CD    Synced at cbe1929
  images     nextjs:8caff6f  1 of 2 pods ready
  secrets    set     threads-prod-postgres-password
             empty   threads-prod-tunnel-token
  snapshot   threads-prod-vm-01-k8s-20260104-140000, 2026-01-04 14:00 UTC, 13 h ago
  rehearsal  passed, 2026-01-05 03:00 UTC, 30 min ago`);
});

test('why Argo CD cannot compare the application is under its state', () => {
  const argocd = { value: { status: 'Unknown', revision: '', problem: 'ComparisonError: kustomize build failed' } };
  const lines = renderStatus({ ...up, argocd }, NOW).split('\n');
  const at = lines.findIndex((line) => line.includes('Argo CD'));
  expect(lines.slice(at, at + 2).map((line) => line.trim())).toEqual([
    'Argo CD    Unknown',
    'ComparisonError: kustomize build failed',
  ]);
});

test('what cannot be read says why in its place, and the rest stays', async () => {
  const problem = await reading(() =>
    Promise.reject(new Error('terraform init failed\n\n  no credentials  \nthird line')),
  );
  expect(
    renderStatus({ ...up, layers: problem, argocd: problem }, NOW)
      .split('\n')
      .slice(0, 4),
  ).toEqual([
    'threads prod',
    '  layers     ? terraform init failed: no credentials',
    '  VM         awake until 21:00 Asia/Taipei',
    '  Argo CD    ? terraform init failed: no credentials',
  ]);
});

test('parts that an environment does not have are left out, and missing ones are reported', () => {
  const nothing = { value: [] };
  const status: EnvironmentStatus = {
    platform: 'threads',
    env: 'local',
    layers: nothing,
    images: nothing,
    rehearsal: { value: null },
  };
  expect(renderStatus(status, NOW)).toBe(`threads local
  layers     none
  images     no pods
  rehearsal  none; run: npm run rehearse -- --platform threads --env local`);
});

test('a delivery shows what differs from Git, each Application, the runners, the lock and the gate', () => {
  const workload = { namespace: 'threads', images: [] };
  const delivery: NonNullable<EnvironmentStatus['delivery']> = {
    wanted: {
      value: [
        { ...workload, workload: 'deployment/nextjs', differences: ['deployment/nextjs: wants a:2, has a:1'] },
        { ...workload, workload: 'deployment/ml-service', differences: [] },
      ],
    },
    applications: { value: [{ name: 'todo-api', sync: 'OutOfSync', health: 'Degraded' }] },
    runners: { value: [{ name: 'self-hosted', current: 2, running: 1 }] },
    lock: { value: 'held by nextjs (run 7.1) since 2026-01-05T03:00:00Z' },
    gate: { value: [{ service: 'nextjs', verdict: 'needs-approval', why: ['no approval for nextjs in prod'] }] },
  };
  const lines = (part: EnvironmentStatus) => renderStatus(part, NOW).split('\n').slice(7, -4);
  expect(lines({ ...up, delivery })).toEqual([
    '  wanted     deployment/nextjs: wants a:2, has a:1',
    '  apps       todo-api                 OutOfSync Degraded',
    '  runners    self-hosted: 2 there, 1 at work',
    '  lock       held by nextjs (run 7.1) since 2026-01-05T03:00:00Z',
    '  gate       nextjs            needs-approval  no approval for nextjs in prod',
  ]);
  const same = { ...delivery, wanted: { value: [{ ...workload, workload: 'deployment/nextjs', differences: [] }] } };
  expect(lines({ ...up, delivery: same })[0]).toBe('  wanted     all 1 workloads run what Git wants');
  expect(lines({ ...up, delivery: { gate: { problem: 'no credentials' } } })).toEqual([
    '  gate       ? no credentials',
  ]);
});

test('a snapshot is as old as the cloud says, whatever the time is here', () => {
  expect(renderStatus(up, new Date('2027-01-01T00:00:00Z'))).toContain('2026-01-04 14:00 UTC, 13 h ago');
});

test.each([
  ['2026-01-05T03:29:30Z', ', 0 min ago'],
  ['2026-01-05T01:30:00Z', ', 2 h ago'],
  ['2026-01-01T03:30:00Z', ', 4 days ago'],
  ['2026-01-06T03:30:00Z', ''],
])('a rehearsal of %s is shown with its age unless a clock runs ahead: "%s"', (at, age) => {
  const screen = renderStatus({ ...up, rehearsal: { value: { ok: false, at: new Date(at) } } }, NOW);
  expect(screen.split('\n').at(-1)).toBe(`  rehearsal  FAILED, ${at.slice(0, 16).replace('T', ' ')} UTC${age}`);
});

describe('a VM that should be awake from 09:00 to 21:00 in Taipei', () => {
  const power = { start: '09:00', stop: '21:00', timeZone: 'Asia/Taipei' };
  test.each([
    ['RUNNING', '01:00', { state: 'awake', until: '21:00 Asia/Taipei' }],
    ['RUNNING', '00:59', { state: 'awake' }],
    ['TERMINATED', '00:59', { state: 'asleep', until: '09:00 Asia/Taipei' }],
    ['TERMINATED', '13:00', { state: 'asleep', until: '09:00 Asia/Taipei' }],
    ['TERMINATED', '12:59', { state: 'preempted' }],
    ['STOPPING', '01:00', { state: 'preempted' }],
    ['STAGING', '01:00', { state: 'starting' }],
    [undefined, '01:00', { state: 'absent' }],
  ])('and is %s at %s UTC', (status, time, expected) => {
    expect(vmStateOf(status, { spot: true, power }, new Date(`2026-01-05T${time}:00Z`))).toEqual(expected);
  });

  test('is asleep only by its schedule', () => {
    expect(isAsleep({ ...up, vm: { value: { state: 'asleep' } } })).toBe(true);
    expect(isAsleep({ ...up, vm: { value: { state: 'stopped' } } })).toBe(false);
    expect(isAsleep({ ...up, vm: { problem: 'no credentials' } })).toBe(false);
  });
});

test('a VM on demand without a schedule that is off was stopped', () => {
  expect(vmStateOf('TERMINATED', { spot: false }, NOW)).toEqual({ state: 'stopped' });
});

test('the last rehearsal is dated by its report, and shown for its own environment only', () => {
  const file = join(folder, 'rehearsal.json');
  expect(lastRehearsal('threads', 'prod', file)).toBeNull();
  const startedAt = '2026-01-05T03:00:00.000Z';
  writeFileSync(
    file,
    JSON.stringify({ ok: true, platform: 'threads', env: 'prod', origin: { startedAt, versions: {} } }),
  );
  expect(lastRehearsal('threads', 'prod', file)).toEqual({ ok: true, at: new Date(startedAt) });
  expect(lastRehearsal('threads', 'staging', file)).toBeNull();
});
