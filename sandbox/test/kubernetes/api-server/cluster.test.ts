import type { ClusterApi } from '../../../kubernetes/api-server/api';
import type { Cluster } from '../../../kubernetes/api-server/cluster';
import { Clusters } from '../../../kubernetes/clusters/clusters';
import type { World } from '../../../world';
import { deployment, MACHINE, object, startCluster } from '../ground';

let cluster: Cluster;
let clusters: Clusters;
let world: World;
beforeEach(async () => {
  ({ cluster, clusters, world } = startCluster());
  await cluster.settled();
});

const CRD = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'crayons.art.test' },
  spec: {
    group: 'art.test',
    scope: 'Namespaced',
    names: { kind: 'Crayon', plural: 'crayons', shortNames: ['cr'] },
    versions: [
      { name: 'v1beta1', served: true },
      { name: 'v1', served: true, storage: true },
      { name: 'v0', served: false },
    ],
  },
};
const CRAYON = { group: 'art.test', kind: 'Crayon', namespace: 'default', name: 'a' };
const NAMESPACE = { group: '', kind: 'Namespace', name: 'default' };

test('a first boot leaves a small cluster that runs', () => {
  expect(cluster.list('', 'Namespace').map(({ metadata }) => metadata.name)).toEqual([
    'default',
    'kube-system',
    'kube-public',
    'kube-node-lease',
  ]);
  expect(cluster.list('', 'Node').map(({ metadata }) => metadata.name)).toEqual(['node-1']);
  expect(cluster.workloadRuns('kube-system', 'coredns')).toBe(true);
});

test('a CRD adds a kind at once, its best version first, and takes it along when it goes', () => {
  cluster.apply(CRD);
  expect(cluster.kind('art.test', 'Crayon')).toMatchObject({ versions: ['v1', 'v1beta1'], plural: 'crayons' });
  cluster.apply(object('art.test/v1', 'Crayon', 'a'));
  cluster.delete({ group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition', name: 'crayons.art.test' });
  expect(cluster.kind('art.test', 'Crayon')).toBeUndefined();
  expect(Object.keys(cluster.data.objects).filter((key) => key.includes('Crayon'))).toEqual([]);
});

test('a finalizer holds an object, its CRD and its namespace until it is taken away', () => {
  cluster.apply(CRD);
  const crayon = object('art.test/v1', 'Crayon', 'a');
  cluster.apply({ ...crayon, metadata: { ...crayon.metadata, finalizers: ['art.test/frame'] } });
  cluster.delete(NAMESPACE);
  expect(cluster.get(CRAYON)?.metadata.deletionTimestamp).toBeDefined();
  expect(cluster.get(NAMESPACE)).toMatchObject({
    status: {
      phase: 'Terminating',
      conditions: [{ message: expect.stringContaining('art.test/frame in 1 resource instances') }],
    },
  });
  expect(() => cluster.create(object('v1', 'ConfigMap', 'late'))).toThrow(
    'configmaps "late" is forbidden: unable to create new content in namespace default because it is being terminated',
  );
  cluster.removeFinalizer(CRAYON, 'art.test/frame');
  expect(cluster.get(NAMESPACE)).toBeUndefined();
});

test('an apply takes back its own labels and leaves those of others, and finalizers', () => {
  const config = object('v1', 'ConfigMap', 'a');
  const labelled = (labels: Record<string, string>) => ({ ...config, metadata: { ...config.metadata, labels } });
  cluster.apply(labelled({ mine: '1', old: '1' }));
  const read = cluster.get({ group: '', kind: 'ConfigMap', namespace: 'default', name: 'a' });
  if (read)
    cluster.apply({
      ...read,
      metadata: { ...read.metadata, finalizers: ['theirs'], labels: { ...read.metadata.labels, theirs: '2' } },
    });
  expect(cluster.apply(labelled({ mine: '3' })).metadata).toMatchObject({
    labels: { mine: '3', theirs: '2' },
    finalizers: ['theirs'],
  });
  expect(cluster.apply(labelled({})).metadata.labels).toEqual({ theirs: '2' });
});

test('an apply that changes nothing leaves the version', () => {
  const before = cluster.apply(object('v1', 'ConfigMap', 'a', { data: { a: '1' } })).metadata.resourceVersion;
  expect(cluster.apply(object('v1', 'ConfigMap', 'a', { data: { a: '1' } })).metadata.resourceVersion).toBe(before);
});

test('a replacement on an older version is refused', () => {
  const first = cluster.apply(object('v1', 'ConfigMap', 'a', { data: { a: '1' } }));
  cluster.apply(object('v1', 'ConfigMap', 'a', { data: { a: '2' } }));
  expect(() => cluster.replace(first)).toThrow(
    'Operation cannot be fulfilled on configmaps "a": the object has been modified',
  );
});

test('a reader cannot change what is stored', () => {
  const read = cluster.get(NAMESPACE);
  expect(() => Object.assign(read?.metadata ?? {}, { labels: { changed: 'yes' } })).toThrow(TypeError);
  expect(() => Object.assign(cluster.list('', 'Namespace')[0]?.metadata.labels ?? {}, { changed: 'yes' })).toThrow(
    TypeError,
  );
  expect(cluster.get(NAMESPACE)?.metadata.labels).not.toHaveProperty('changed');
});

test('a controller that never comes to rest is named', async () => {
  const restless = {
    name: 'restless',
    async reconcile(of: ClusterApi) {
      of.setStatus(NAMESPACE, { count: Math.random() });
    },
  };
  const others = new Clusters(world, { controllers: [restless], images: { find: () => 'unknown-registry' } });
  const other = others.get(MACHINE);
  await expect(other?.settled()).rejects.toThrow('controller restless still changes objects after 50 rounds');
});

test('a cluster copied to another disk is the same cluster, and from then on another one', async () => {
  cluster.apply(deployment());
  await cluster.settled();
  world.data.disks['copy'] = structuredClone(world.data.disks['disk'] ?? {});
  const machine = world.data.machines[MACHINE];
  if (machine) world.data.machines[MACHINE] = { ...machine, disk: 'copy' };
  const restored = clusters.get(MACHINE);
  world.events.emit('machine', MACHINE);
  await restored?.settled();
  expect(restored).not.toBe(cluster);
  expect(restored?.data.uid).toBe(cluster.data.uid);
  expect(restored?.workloadRuns('default', 'web')).toBe(true);
  expect(cluster.host.answers).toBe(false);
});

test('a second first boot on the same disk is refused', () => {
  expect(() => clusters.install(MACHINE, { nodeName: 'x', kubernetesVersion: '1.34.2', certificateNames: [] })).toThrow(
    'disk disk holds a cluster already; start that one',
  );
});

test.each([
  ['by the path of the sandbox', `http://127.0.0.1:1/clusters/${encodeURIComponent(MACHINE)}`],
  ["by the machine's address", 'https://10.0.0.2:6443'],
])('a kubeconfig finds its cluster %s', (_how, server) => {
  const kubeconfig = clusters.kubeconfig(MACHINE, 'http://127.0.0.1:1').replace(/server: .*/, `server: ${server}`);
  expect(clusters.fromKubeconfig(kubeconfig)).toBe(cluster);
});

test.each([
  ['of a context that does not exist', (text: string) => text, 'other', 'context "other" does not exist'],
  ['that is empty', () => '', undefined, 'invalid configuration: no configuration has been provided'],
  [
    'of a machine that is not there',
    (text: string) => text.replace(/clusters\/.*/, 'clusters/gone'),
    undefined,
    'connect: connection refused',
  ],
])('a kubeconfig %s is refused', (_what, change, context, message) => {
  const text = clusters.kubeconfig(MACHINE, 'http://127.0.0.1:1');
  expect(() => clusters.fromKubeconfig(change(text), context)).toThrow(message);
});
