import type { Cluster } from '../../kubernetes/api-server/cluster';
import type { Pod } from '../../kubernetes/api-server/pod';
import { problemOf } from '../../kubernetes/api-server/pod';
import type { KubernetesObject, World } from '../../world';
import { deployment, object, power, startCluster, template } from './ground';

let cluster: Cluster;
let world: World;
beforeEach(async () => {
  ({ cluster, world } = startCluster());
  await cluster.settled();
});

const podsOf = () =>
  (cluster.list('', 'Pod', 'default') as Pod[]).sort((a, b) => a.metadata.name.localeCompare(b.metadata.name));
const problems = () => podsOf().map(problemOf);
const statusOf = (kind: string, name: string) =>
  cluster.get({ group: kind === 'Job' ? 'batch' : 'apps', kind, namespace: 'default', name })?.['status'];

async function settle(...objects: KubernetesObject[]): Promise<void> {
  for (const one of objects) cluster.apply(one);
  await cluster.settled();
}

test("a Deployment's pod runs after its image was pulled, in simulated time", async () => {
  const before = world.clock.now();
  cluster.apply(deployment());
  await new Promise((resolve) => setImmediate(resolve));
  expect(podsOf().map((pod) => pod.status?.phase)).toEqual(['Pending']);
  await cluster.settled();
  expect(podsOf().map((pod) => pod.status?.phase)).toEqual(['Running']);
  expect(world.clock.now() - before).toBe(15_000);
  expect(statusOf('Deployment', 'web')).toMatchObject({
    observedGeneration: 1,
    updatedReplicas: 1,
    availableReplicas: 1,
  });
  expect(cluster.workloadRuns('default', 'web')).toBe(true);
});

test('an image whose name is none keeps its own pod from starting, and nothing else', async () => {
  await settle(deployment({ image: 'Nginx:latest' }));
  expect(problems()).toEqual([
    expect.stringContaining(
      'InvalidImageName: Failed to apply default image tag "Nginx:latest": couldn\'t parse image name',
    ),
  ]);
  await settle(deployment());
  expect(problems()).toEqual([undefined]);
});

test('a rolling update never goes below what was ready', async () => {
  await settle(deployment({}, { replicas: 4 }));
  let least = 4;
  cluster.changes.on('change', () => {
    least = Math.min(least, (statusOf('Deployment', 'web') as { readyReplicas: number }).readyReplicas);
  });
  await settle(deployment({ image: 'docker.io/library/nginx:2' }, { replicas: 4 }));
  expect(least).toBe(3);
  expect(podsOf().map((pod) => pod.spec.containers[0]?.image)).toEqual(Array(4).fill('docker.io/library/nginx:2'));
});

test('Recreate takes the old pods away before it makes new ones', async () => {
  await settle(deployment({}, { strategy: { type: 'Recreate' } }));
  let most = 0;
  cluster.changes.on('change', () => {
    most = Math.max(most, podsOf().length);
  });
  await settle(deployment({ image: 'docker.io/library/nginx:2' }, { strategy: { type: 'Recreate' } }));
  expect(most).toBe(1);
});

test('a StatefulSet makes its pods in turn, and updates the last one first', async () => {
  const set = { ...object('apps/v1', 'StatefulSet', 'db') };
  const spec = (image: string) => ({
    replicas: 2,
    serviceName: 'db',
    selector: { matchLabels: { app: 'web' } },
    template: template({ image }),
  });
  await settle({ ...set, spec: spec('docker.io/library/nginx:1') });
  expect(podsOf().map(({ metadata }) => metadata.name)).toEqual(['db-0', 'db-1']);
  expect(podsOf()[0]?.metadata.creationTimestamp).not.toBe(podsOf()[1]?.metadata.creationTimestamp);
  await settle({ ...set, spec: spec('registry.test/app:typo') });
  expect(podsOf().map((pod) => pod.status?.phase)).toEqual(['Running', 'Pending']);
  expect(statusOf('StatefulSet', 'db')).toMatchObject({ readyReplicas: 1, updatedReplicas: 1 });
});

test('a StatefulSet does not replace a broken pod: it must be deleted by hand', async () => {
  await settle(
    object('apps/v1', 'StatefulSet', 'db', {
      spec: {
        serviceName: 'db',
        selector: { matchLabels: { app: 'web' } },
        template: template({ image: 'registry.test/app:typo' }),
      },
    }),
  );
  await settle(
    object('apps/v1', 'StatefulSet', 'db', {
      spec: {
        serviceName: 'db',
        selector: { matchLabels: { app: 'web' } },
        template: template({ image: 'registry.test/app:1' }),
      },
    }),
  );
  expect(problems()).toEqual([expect.stringContaining('ImagePullBackOff')]);
  cluster.delete({ group: '', kind: 'Pod', namespace: 'default', name: 'db-0' });
  await cluster.settled();
  expect(statusOf('StatefulSet', 'db')).toMatchObject({ readyReplicas: 1 });
});

test('a Job runs to its end', async () => {
  const pod = template({}, { restartPolicy: 'Never' });
  await settle(object('batch/v1', 'Job', 'migrate', { spec: { template: pod } }));
  expect(statusOf('Job', 'migrate')).toMatchObject({
    succeeded: 1,
    conditions: expect.arrayContaining([expect.objectContaining({ type: 'Complete' })]),
  });
  expect(podsOf().map((pod) => pod.status?.phase)).toEqual(['Succeeded']);
});

test.each<[string, object, object, string]>([
  [
    'a tag that was never pushed',
    { image: 'registry.test/app:typo' },
    {},
    'container main: ImagePullBackOff: Back-off pulling image "registry.test/app:typo"',
  ],
  [
    'an image for another architecture',
    { image: 'registry.test/arm:1' },
    {},
    'container main: CrashLoopBackOff: back-off 5m0s restarting failed container=main: exec format error',
  ],
  [
    'a Secret that is not there',
    { envFrom: [{ secretRef: { name: 'gone' } }] },
    {},
    'container main: CreateContainerConfigError: secret "gone" not found',
  ],
  [
    'a key that is not there',
    { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'kube-root-ca.crt', key: 'gone' } } }] },
    {},
    "CreateContainerConfigError: couldn't find key gone in ConfigMap default/kube-root-ca.crt",
  ],
  [
    'a volume of a ConfigMap that is not there',
    {},
    { volumes: [{ name: 'v', configMap: { name: 'gone' } }] },
    'MountVolume.SetUp failed for volume "v" : configmap "gone" not found',
  ],
  [
    'more memory than the node has',
    { resources: { requests: { memory: '4Gi' } } },
    {},
    'Unschedulable: 0/1 nodes are available: 1 Insufficient memory.',
  ],
  [
    'more CPU than the node has',
    { resources: { limits: { cpu: '4' } } },
    {},
    'Unschedulable: 0/1 nodes are available: 1 Insufficient cpu.',
  ],
  [
    'a node of another architecture',
    {},
    { nodeSelector: { 'kubernetes.io/arch': 'arm64' } },
    "1 node(s) didn't match Pod's node affinity/selector",
  ],
  [
    'a claim that is not there',
    {},
    { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'gone' } }] },
    'Unschedulable: persistentvolumeclaim "gone" not found',
  ],
  [
    'the old mount path of PostgreSQL 18',
    { image: 'docker.io/library/postgres:18', volumeMounts: [{ name: 'd', mountPath: '/var/lib/postgresql/data' }] },
    { volumes: [{ name: 'd', emptyDir: {} }] },
    'CrashLoopBackOff: back-off 5m0s restarting failed container=main: Error: in 18+',
  ],
])('%s keeps a pod from running, and its status says so', async (_what, container, pod, expected) => {
  await settle(deployment(container, {}, pod));
  expect(problems()).toEqual([expect.stringContaining(expected)]);
  expect(podsOf()[0]?.status?.phase).toBe('Pending');
  expect(statusOf('Deployment', 'web')).toMatchObject({
    conditions: expect.arrayContaining([expect.objectContaining({ reason: 'ProgressDeadlineExceeded' })]),
  });
});

test('a rolling update whose surge does not fit gets stuck, and the old pod goes on', async () => {
  const big = { resources: { requests: { memory: '2Gi' } } };
  await settle(deployment(big));
  await settle(deployment({ ...big, image: 'docker.io/library/nginx:2' }));
  expect(problems().filter(Boolean)).toEqual([expect.stringContaining('Insufficient memory')]);
  expect(cluster.workloadRuns('default', 'web')).toBe(true);
});

test('a pod starts as soon as the Secret that it waits for is there', async () => {
  await settle(deployment({ envFrom: [{ secretRef: { name: 'late' } }] }));
  expect(podsOf()[0]?.status?.phase).toBe('Pending');
  await settle(object('v1', 'Secret', 'late', { stringData: { a: '1' } }));
  expect(podsOf()[0]?.status?.phase).toBe('Running');
});

test('a machine that comes up again finds its objects, and its pods restart', async () => {
  await settle(deployment());
  power(world, 'stopped');
  expect(() => cluster.assertAnswers()).toThrow('dial tcp 10.0.0.2:6443: connect: connection refused');
  expect(cluster.workloadRuns('default', 'web')).toBe(false);
  power(world, 'running');
  expect(podsOf()[0]?.status?.phase).toBe('Pending');
  await cluster.settled();
  expect(podsOf().map((pod) => [pod.status?.phase, pod.status?.containerStatuses?.[0]?.restartCount])).toEqual([
    ['Running', 1],
  ]);
});

test('a stopped machine leaves no work behind that would move the clock', async () => {
  cluster.apply(deployment({ image: 'registry.test/app:typo' }));
  await new Promise((resolve) => setImmediate(resolve));
  power(world, 'stopped');
  const before = world.clock.now();
  await world.clock.settled();
  expect(world.clock.now()).toBe(before);
});

test('deleting a Deployment takes its ReplicaSets, pods and events along', async () => {
  await settle(deployment({ image: 'registry.test/app:typo' }));
  cluster.delete({ group: 'apps', kind: 'Deployment', namespace: 'default', name: 'web' });
  await cluster.settled();
  expect(Object.keys(cluster.data.objects).filter((key) => key.includes('/web'))).toEqual([]);
});
