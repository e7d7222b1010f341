import { awaitRollout, type Rollout, rolloutSeconds } from '../../../delivery/rollout/rollout';
import { FakeCluster, JumpingClock, workload } from './fake-cluster';

const IMAGE = 'ghcr.io/team/web:abc1234';
const OURS = 'c'.repeat(40);

const synced = (revision: string, health = 'Healthy', status = 'Synced') => ({
  status: { sync: { status, revision }, health: { status: health } },
});

function rollout(
  kubectl: FakeCluster,
  clock: JumpingClock,
  changes: Partial<Rollout> = {},
): Rollout & { seen: string[] } {
  const seen: string[] = [];
  return {
    kubectl,
    workloads: [workload('Deployment', IMAGE)],
    application: { name: 'shop', contains: async (revision) => revision === OURS },
    timeoutSeconds: 300,
    clock,
    onProgress: (message) => seen.push(message),
    ...changes,
    seen,
  };
}

test('production is waited for twice as long', () => {
  expect([rolloutSeconds('prod'), rolloutSeconds('dev')]).toEqual([600, 300]);
});

test('refreshes Argo CD, follows it to the commit, and then the workloads to their last pod', async () => {
  const clock = new JumpingClock();
  const cluster = new FakeCluster({
    'application/shop': synced('0'.repeat(40)),
    'deployment/web': workload('Deployment', 'ghcr.io/team/web:old0000'),
  });
  const states: (() => void)[] = [
    () => {
      cluster.objects['application/shop'] = synced(OURS, 'Progressing', 'OutOfSync');
    },
    () => {
      cluster.objects['application/shop'] = synced(OURS, 'Progressing');
      cluster.objects['deployment/web'] = workload('Deployment', IMAGE, { updatedReplicas: 0 });
    },
    () => {
      cluster.objects['deployment/web'] = workload('Deployment', IMAGE);
    },
    () => {
      cluster.objects['application/shop'] = synced(OURS);
    },
  ];
  clock.onSleep = () => states.shift()?.();
  const following = rollout(cluster, clock);
  await awaitRollout(following);
  expect(cluster.calls).toEqual([
    'annotate application shop --namespace=argocd argocd.argoproj.io/refresh=normal --overwrite',
  ]);
  expect(following.seen).toEqual([
    'application shop is at 0000000, which is before ours',
    'deployment/web: wants ghcr.io/team/web:abc1234, has ghcr.io/team/web:old0000',
    'deployment/web: 0 of 1 pods are updated',
    'application shop is Progressing at ccccccc: no reason given',
    'application shop is Synced and Healthy at ccccccc',
  ]);
});

test('without Argo CD the workloads alone count', async () => {
  const cluster = new FakeCluster({ 'statefulset/web': workload('StatefulSet', IMAGE) });
  await awaitRollout(
    rollout(cluster, new JumpingClock(), { application: undefined, workloads: [workload('StatefulSet', IMAGE)] }),
  );
  expect(cluster.calls).toEqual([]);
});

const crash = {
  metadata: { name: 'web-1', labels: { 'controller-revision-hash': 'web-old' } },
  status: {
    phase: 'Pending',
    containerStatuses: [
      {
        name: 'web',
        state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } },
        lastState: { terminated: { reason: 'Error', exitCode: 255 } },
      },
    ],
  },
};
const pulled = { reason: 'Failed', message: 'ErrImagePull', involvedObject: { kind: 'Pod', name: 'web-1' } };
const other = { reason: 'Failed', message: 'somebody else', involvedObject: { kind: 'Pod', name: 'api-1' } };

test('a rollout that does not end in time says what it waited for, its pods and their events', async () => {
  const cluster = new FakeCluster({
    'application/shop': synced(OURS, 'Progressing'),
    'deployment/web': workload('Deployment', IMAGE, { availableReplicas: 0 }),
    pods: { items: [crash] },
    events: { items: [other, pulled] },
  });
  const clock = new JumpingClock();
  await expect(awaitRollout(rollout(cluster, clock))).rejects.toThrow(
    'rollout failed: deployment/web: 0 of 1 pods are ready after 300 s\n' +
      '  pod web-1: CrashLoopBackOff: back-off (ended with Error 255)\n' +
      '  event web-1: Failed: ErrImagePull',
  );
  expect(clock.now()).toBe(300_000);
});

test('a deployment that has exceeded its own deadline is not waited for', async () => {
  const conditions = [{ type: 'Progressing', reason: 'ProgressDeadlineExceeded', message: 'timed out' }];
  const cluster = new FakeCluster({
    'application/shop': synced(OURS, 'Degraded'),
    'deployment/web': workload('Deployment', IMAGE, { conditions }),
    pods: { items: [] },
    events: { items: [] },
  });
  const clock = new JumpingClock();
  await expect(awaitRollout(rollout(cluster, clock))).rejects.toThrow('rollout failed: deployment/web: timed out');
  expect(clock.now()).toBe(0);
});

test('an Application that cannot be built says so until the end', async () => {
  const conditions = [{ type: 'ComparisonError', message: 'no such path' }];
  const cluster = new FakeCluster({ 'application/shop': { status: { conditions } } });
  await expect(awaitRollout(rollout(cluster, new JumpingClock(), { workloads: [] }))).rejects.toThrow(
    'rollout failed: application shop reports ComparisonError: no such path after 300 s',
  );
});

test('names a missing Application and the layer that deploys it', async () => {
  await expect(awaitRollout(rollout(new FakeCluster({}), new JumpingClock()))).rejects.toThrow(
    'application shop does not exist in namespace argocd; deploy layer 02-argocd-app first',
  );
});

test.each([
  [
    false,
    ['delete pod web-1 --namespace=shop --wait=false'],
    'deleted pod web-1, which was stuck at an older revision',
  ],
  [true, [], 'pod web-1 is stuck at an older revision; run kubectl delete pod web-1 --namespace=shop --wait=false'],
])(
  'going back frees a StatefulSet from a pod that it would wait for (forbidden: %s)',
  async (forbidden, calls, line) => {
    const cluster = new FakeCluster({
      'statefulset/web': workload('StatefulSet', IMAGE, { readyReplicas: 0, updateRevision: 'web-new' }),
      pods: { items: [crash] },
      events: { items: [] },
    });
    if (forbidden) cluster.forbidden.push('delete');
    const clock = new JumpingClock();
    clock.onSleep = () => {
      cluster.objects['statefulset/web'] = workload('StatefulSet', IMAGE, { updateRevision: 'web-new' });
      cluster.objects['pods'] = { items: [] };
    };
    const workloads = [workload('StatefulSet', IMAGE)];
    const back = rollout(cluster, clock, { application: undefined, workloads, isRollback: true });
    await awaitRollout(back);
    expect(cluster.calls).toEqual(calls);
    expect(back.seen[0]).toBe(line);
  },
);

test('whoever interrupts it ends the wait', async () => {
  const controller = new AbortController();
  const clock = new JumpingClock();
  clock.onSleep = () => controller.abort(new Error('interrupted'));
  const cluster = new FakeCluster({ 'application/shop': synced('') });
  await expect(awaitRollout(rollout(cluster, clock, { signal: controller.signal }))).rejects.toThrow('interrupted');
});
