import type { Cluster } from '../../kubernetes/api-server/cluster';
import type { Pod } from '../../kubernetes/api-server/pod';
import { problemOf } from '../../kubernetes/api-server/pod';
import type { KubernetesObject } from '../../world';
import { localPath, startCluster, statefulSet } from './ground';

let cluster: Cluster;
beforeEach(async () => {
  ({ cluster } = startCluster());
  await cluster.settled();
});

const SET = { group: 'apps', kind: 'StatefulSet', namespace: 'default', name: 'db' };
const CLAIM = { group: '', kind: 'PersistentVolumeClaim', namespace: 'default', name: 'data-db-0' };
const claim = () =>
  cluster.get(CLAIM) as KubernetesObject & {
    spec: { volumeName?: string };
    status?: { phase: string; conditions?: { message: string }[] };
  };
const volumes = () => cluster.list('', 'PersistentVolume') as (KubernetesObject & { status?: { phase: string } })[];
const problems = () => (cluster.list('', 'Pod', 'default') as Pod[]).map(problemOf).filter(Boolean);

async function settle(...objects: KubernetesObject[]): Promise<void> {
  for (const one of objects) cluster.apply(one);
  await cluster.settled();
}

test('a claim without a class and without a default one stays Pending and says so', async () => {
  await settle(statefulSet());
  expect(claim().status).toMatchObject({
    phase: 'Pending',
    conditions: [
      {
        reason: 'FailedBinding',
        message: 'no persistent volumes available for this claim and no storage class is set',
      },
    ],
  });
  expect(problems()).toEqual([expect.stringContaining('unbound immediate PersistentVolumeClaims')]);
});

test('a claim of a class that does not exist stays Pending and says so', async () => {
  await settle(statefulSet({}, { storageClassName: 'gone' }));
  expect(claim().status?.conditions?.[0]?.message).toBe('storageclass.storage.k8s.io "gone" not found');
});

test('a claim gets the default class that comes after it', async () => {
  await settle(statefulSet());
  await settle(...localPath('Retain'));
  expect(claim().status?.phase).toBe('Bound');
  expect(problems()).toEqual([]);
});

test('a claim waits for the provisioner to run', async () => {
  const provisioner = localPath('Retain');
  await settle(provisioner.pop() as KubernetesObject, statefulSet());
  expect(claim().status?.conditions?.[0]?.message).toContain("external provisioner 'rancher.io/local-path'");
  await settle(...provisioner);
  expect(claim().status?.phase).toBe('Bound');
});

describe.each([
  [
    'its ConfigMap has another name',
    () => localPath('Retain').map(renamedConfig),
    /does not exist at ConfigMap local-path-storage\/local-path-config/,
  ],
  [
    'it may not read its ConfigMap',
    () => localPath('Retain').filter(({ kind }) => kind !== 'ClusterRoleBinding'),
    /configmaps "local-path-config" is forbidden: User "system:serviceaccount:local-path-storage:local-path-provisioner-service-account" cannot get resource "configmaps" in API group "" in the namespace "local-path-storage"/,
  ],
])('local-path crashes and provisions nothing when', (what, objects, log) => {
  test(what, async () => {
    await settle(...objects(), statefulSet());
    const [pod] = cluster.list('', 'Pod', 'local-path-storage') as Pod[];
    expect(problemOf(pod as Pod)).toMatch(/CrashLoopBackOff/);
    expect(problemOf(pod as Pod)).toMatch(log);
    expect(claim().status).toMatchObject({ phase: 'Pending', conditions: [{ reason: 'ExternalProvisioning' }] });
  });
});

/** The provisioner with its configuration mounted from a ConfigMap of another name, which no flag tells it. */
function renamedConfig(object: KubernetesObject): KubernetesObject {
  const text = JSON.stringify(object).replace('"name":"local-path-config"', '"name":"mine"');
  return JSON.parse(text) as KubernetesObject;
}

test.each([
  [
    'the service account of its helper pods is missing',
    (text: string) =>
      text.replace('"/etc/config/config.json"', '"/etc/config/config.json","--service-account-name=other"'),
    'pods "helper-pod-create-pvc-UID" is forbidden: error looking up service account local-path-storage/other: serviceaccount "other" not found',
  ],
  [
    'it may not create its helper pods',
    (text: string) => text.replace('"resources":["pods"]', '"resources":["secrets"]'),
    'pods is forbidden: User "system:serviceaccount:local-path-storage:local-path-provisioner-service-account" cannot create resource "pods" in API group "" in the namespace "local-path-storage"',
  ],
  [
    'Pod Security refuses the folder of the node',
    (text: string) =>
      text.replace(
        '"metadata":{"name":"local-path-storage"}',
        '"metadata":{"name":"local-path-storage","labels":{"pod-security.kubernetes.io/enforce":"baseline"}}',
      ),
    'pods "helper-pod-create-pvc-UID" is forbidden: violates PodSecurity "baseline:latest": hostPath volumes (volume "data")',
  ],
])('a claim stays Pending when local-path runs but %s', async (_what, change, why) => {
  const objects = localPath('Retain').map((one) => JSON.parse(change(JSON.stringify(one))) as KubernetesObject);
  await settle(...objects, statefulSet());
  const volume = `pvc-${claim().metadata.uid}`;
  expect(claim().status).toMatchObject({
    phase: 'Pending',
    conditions: [
      {
        reason: 'ProvisioningFailed',
        message: `failed to provision volume with StorageClass "local-path": failed to create volume ${volume}: ${why.replace('pvc-UID', volume)}`,
      },
    ],
  });
});

test('local-path provisions nothing for a class that binds at once', async () => {
  const provisioner = localPath('Retain');
  const storageClass = provisioner.pop() as KubernetesObject;
  await settle(...provisioner, { ...storageClass, volumeBindingMode: 'Immediate' }, statefulSet());
  expect(claim().status?.conditions?.[0]?.message).toContain('configuration error, no node was specified');
});

test('a volume belongs to the node: another one cannot use it', async () => {
  await settle(...localPath('Retain'), statefulSet());
  const labels = volumes().map((volume) => JSON.stringify(volume['spec']));
  expect(labels[0]).toContain('"kubernetes.io/hostname","operator":"In","values":["node-1"]');
  cluster.data.nodeName = 'node-2';
  cluster.delete({ group: '', kind: 'Pod', namespace: 'default', name: 'db-0' });
  await cluster.settled();
  expect(problems()).toEqual([expect.stringContaining('1 node(s) had volume node affinity conflict')]);
});

test.each([
  ['Retain keeps a released volume and its data', 'Retain', ['Released']],
  ['Delete takes volume and data away', 'Delete', []],
])('%s', async (_what, policy, phases) => {
  await settle(...localPath(policy), statefulSet());
  const name = claim().spec.volumeName ?? '';
  const files = cluster.data.volumes[name];
  if (files) files['marker'] = 'here';
  cluster.delete(SET);
  cluster.delete(CLAIM);
  await cluster.settled();
  expect(volumes().map((volume) => volume.status?.phase)).toEqual(phases);
  expect(cluster.data.volumes[name]?.['marker']).toBe(policy === 'Retain' ? 'here' : undefined);
});

test('a new claim does not get the data of a released volume', async () => {
  await settle(...localPath('Retain'), statefulSet());
  const first = claim().spec.volumeName;
  cluster.delete(SET);
  cluster.delete(CLAIM);
  await cluster.settled();
  await settle(statefulSet());
  expect(claim().status?.phase).toBe('Bound');
  expect(claim().spec.volumeName).not.toBe(first);
});

test("a StatefulSet's claims outlive it, and a new one finds its data", async () => {
  await settle(...localPath('Delete'), statefulSet());
  const first = claim().spec.volumeName;
  cluster.delete(SET);
  await settle(statefulSet());
  expect(claim().spec.volumeName).toBe(first);
});

test('a claim in use stays until its pod is gone', async () => {
  await settle(...localPath('Delete'), statefulSet());
  cluster.delete(CLAIM);
  await cluster.settled();
  expect(claim().metadata.deletionTimestamp).toBeDefined();
  cluster.delete(SET);
  await cluster.settled();
  expect(claim()).toBeUndefined();
});
