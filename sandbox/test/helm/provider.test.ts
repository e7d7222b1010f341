import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { helmProvider } from '../../helm/provider';
import { charts } from '../../kubernetes/charts/chart';
import type { Context, ResourceBehaviour } from '../../protocol/behaviour';
import { UNKNOWN, type Values } from '../../protocol/values';
import { FakeCluster } from './fake-cluster';

const home = mkdtempSync(join(tmpdir(), 'strata-helm-'));
writeFileSync(join(home, 'kubeconfig'), 'kubeconfig of the fake');
afterAll(() => rmSync(home, { recursive: true }));

const argo: Values = {
  name: 'argocd',
  namespace: 'argocd',
  repository: 'https://argoproj.github.io/argo-helm',
  chart: 'argo-cd',
  version: '10.1.1',
  timeout: UNKNOWN,
  wait: UNKNOWN,
  metadata: UNKNOWN,
  status: UNKNOWN,
};
const secrets: Values = {
  ...argo,
  name: 'external-secrets',
  namespace: 'external-secrets-system',
  repository: 'https://charts.external-secrets.io',
  chart: 'external-secrets',
  version: '2.9.0',
};

let cluster: FakeCluster;
let release: ResourceBehaviour;
let context: Context;

beforeEach(() => {
  cluster = new FakeCluster();
  for (const name of ['argocd', 'external-secrets-system']) {
    cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  const provider = helmProvider({ fromKubeconfig: () => cluster });
  release = provider.resources[0] as ResourceBehaviour;
  context = { world: cluster.world, provider: { kubernetes: { config_path: '~/kubeconfig' } }, home };
});

const names = (kind: string, group = 'apps') => cluster.list(group, kind).map(({ metadata }) => metadata.name);
const crd = (name: string) => cluster.get({ group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition', name });

test('argo-cd brings its CRDs and workloads and waits until they run', async () => {
  const start = cluster.world.clock.now();
  const { key, values } = await release.create(argo, context);
  expect(key).toBe('argocd/argocd');
  expect(values).toMatchObject({ id: 'argocd', status: 'deployed', timeout: 300, wait: true });
  expect(values['metadata']).toMatchObject({ revision: 1, app_version: 'v3.4.4', chart: 'argo-cd' });
  expect(names('StatefulSet')).toEqual(['argocd-application-controller']);
  expect(names('Deployment')).toEqual(
    ['repo-server', 'server', 'applicationset-controller', 'redis', 'dex-server', 'notifications-controller'].map(
      (name) => `argocd-${name}`,
    ),
  );
  expect(crd('applications.argoproj.io')?.metadata.annotations?.['helm.sh/resource-policy']).toBe('keep');
  expect(cluster.workloadRuns('argocd', 'argocd-application-controller')).toBe(true);
  expect(cluster.world.clock.now() - start).toBeGreaterThanOrEqual(5000);
});

test('values switch workloads off and set replicas, resources and images', async () => {
  const values =
    'dex: {enabled: false}\nnotifications: {enabled: false}\nserver: {replicas: 2}\nglobal: {image: {tag: v3.4.5}}\n';
  const set = [{ name: 'repoServer.resources.requests.memory', value: '200Mi', type: UNKNOWN }];
  const made = await release.create({ ...argo, values: [values], set }, context);
  expect(names('Deployment')).not.toContain('argocd-dex-server');
  const spec = (name: string) =>
    cluster.get({ group: 'apps', kind: 'Deployment', namespace: 'argocd', name })?.['spec'];
  expect(spec('argocd-server')).toMatchObject({ replicas: 2 });
  expect(spec('argocd-repo-server')).toMatchObject({
    template: {
      spec: { containers: [{ image: 'quay.io/argoproj/argocd:v3.4.5', resources: { requests: { memory: '200Mi' } } }] },
    },
  });
  expect(made.values['set']).toEqual([{ name: 'repoServer.resources.requests.memory', value: '200Mi', type: '' }]);
});

test.each([
  [{ chart: 'argocd' }, 'chart "argocd" not found in https://argoproj.github.io/argo-helm repository'],
  [
    { version: '9.9.9' },
    'chart "argo-cd" version "9.9.9" not found in https://argoproj.github.io/argo-helm repository',
  ],
  [
    { repository: 'https://charts.example.com' },
    'looks like "https://charts.example.com" is not a valid chart repository or cannot be reached',
  ],
  [
    { values: ['server: {replica: 2}'] },
    'chart argo-cd 10.1.1 has no value server.replica; did you mean server.replicas?',
  ],
  [
    { values: ['redis-ha: {enabled: true}'] },
    'the sandbox does not render redis-ha.enabled of chart argo-cd 10.1.1; use redis.enabled',
  ],
  [{ namespace: 'nowhere' }, 'create: failed to create: namespaces "nowhere" not found'],
])('%j is refused', async (change, message) => {
  await expect(release.create({ ...argo, ...change }, context)).rejects.toThrow(message);
});

test('an unknown chart is refused at plan already, and its message names the known ones', () => {
  expect(() => release.plan?.({ ...argo, version: '1.0.0' }, null, context)).toThrow(
    /the sandbox knows these charts: argo-cd 10\.1\.1/,
  );
});

test('a chart is found by its oci reference too', async () => {
  const { values } = await release.create(
    { ...argo, repository: null, chart: 'oci://ghcr.io/argoproj/argo-helm/argo-cd' },
    context,
  );
  expect(values['version']).toBe('10.1.1');
});

test('a name that is in use is refused', async () => {
  await release.create(argo, context);
  await expect(release.create(argo, context)).rejects.toThrow('cannot re-use a name that is still in use');
});

test('pods that do not fit fail the release with the reason of the scheduler, and the release stays behind as failed', async () => {
  const change = { values: ['server: {resources: {requests: {memory: 64Gi}}}'], timeout: 30 };
  await expect(release.create({ ...argo, ...change }, context)).rejects.toThrow(
    'context deadline exceeded: Deployment argocd/argocd-server is not ready: Unschedulable: 0/1 nodes are available: 1 Insufficient memory',
  );
  expect(await release.read('argocd/argocd', argo, context)).toMatchObject({ status: 'failed' });
});

test('a failed atomic release is taken away again', async () => {
  const change = { values: ['server: {resources: {requests: {memory: 64Gi}}}'], timeout: 30, atomic: true };
  await expect(release.create({ ...argo, ...change }, context)).rejects.toThrow(
    /has been uninstalled due to atomic being set/,
  );
  expect(await release.read('argocd/argocd', argo, context)).toBeNull();
  expect(names('Deployment')).toEqual([]);
});

test('an update is a new revision, and takes away what is no longer rendered', async () => {
  const { key, values } = await release.create(argo, context);
  const updated = await release.update(key, values, { ...values, values: ['dex: {enabled: false}'] }, context);
  expect(updated['metadata']).toMatchObject({ revision: 2 });
  expect(names('Deployment')).not.toContain('argocd-dex-server');
  expect(names('Secret', '').filter((name) => name.startsWith('sh.helm'))).toEqual([
    'sh.helm.release.v1.argocd.v1',
    'sh.helm.release.v1.argocd.v2',
  ]);
});

test('destroying argo-cd keeps its CRDs and the Applications, and installing it again adopts them', async () => {
  const { key, values } = await release.create(argo, context);
  cluster.create({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'threads', namespace: 'argocd' },
    spec: {},
  });
  const uid = crd('applications.argoproj.io')?.metadata.uid;
  await release.delete(key, values, context);
  expect(names('StatefulSet')).toEqual([]);
  expect(names('Application', 'argoproj.io')).toEqual(['threads']);
  await release.create(argo, context);
  expect(crd('applications.argoproj.io')?.metadata.uid).toBe(uid);
});

test('CRDs kept by another release are not taken over', async () => {
  const { key, values } = await release.create(argo, context);
  await release.delete(key, values, context);
  await expect(release.create({ ...argo, name: 'argocd-two' }, context)).rejects.toThrow(
    'Unable to continue with install: CustomResourceDefinition "applications.argoproj.io" in namespace "" exists and cannot be imported into the current release: invalid ownership metadata; annotation validation error: key "meta.helm.sh/release-name" must equal "argocd-two": current value is "argocd"',
  );
});

const held = {
  apiVersion: 'external-secrets.io/v1',
  kind: 'ExternalSecret',
  metadata: {
    name: 'app',
    namespace: 'argocd',
    finalizers: ['externalsecrets.external-secrets.io/externalsecret-cleanup'],
  },
};

test('destroying external-secrets hangs on a finalizer without a controller, and says whose', async () => {
  const { key, values } = await release.create(secrets, context);
  cluster.create(held);
  await expect(release.delete(key, { ...values, timeout: 60 }, context)).rejects.toThrow(
    'CustomResourceDefinition externalsecrets.external-secrets.io, held by finalizers without a running controller: ExternalSecret argocd/app (externalsecrets.external-secrets.io/externalsecret-cleanup)',
  );
});

test('external-secrets keeps its CRDs when their annotations say so', async () => {
  const annotated = { ...secrets, values: ['crds: {annotations: {helm.sh/resource-policy: keep}}'] };
  const { key, values } = await release.create(annotated, context);
  cluster.create(held);
  await release.delete(key, values, context);
  expect(cluster.list('external-secrets.io', 'ExternalSecret')).toHaveLength(1);
});

test('the release and its record live in the cluster, and a cluster without it shows it as gone', async () => {
  await release.create(argo, context);
  expect(await release.read('argocd/argocd', argo, context)).toMatchObject({ version: '10.1.1', status: 'deployed' });
  cluster.data.objects = {};
  expect(await release.read('argocd/argocd', argo, context)).toBeNull();
});

test('a sensitive value is cloaked in the metadata', async () => {
  const set_sensitive = [{ name: 'configs.secret.argocdServerAdminPassword', value: 'hunter2', type: null }];
  const { values } = await release.create({ ...argo, set_sensitive }, context);
  expect(JSON.stringify(values['metadata'])).not.toContain('hunter2');
});

test('a cluster that does not answer and a kubeconfig that is not there are unreachable', async () => {
  cluster.host.answers = false;
  await expect(release.create(argo, context)).rejects.toThrow(
    'Kubernetes cluster unreachable: dial tcp 10.0.0.2:6443: connect: connection refused',
  );
  const lost = { ...context, provider: { kubernetes: { config_path: '~/gone' } } };
  await expect(release.create(argo, lost)).rejects.toThrow(
    `Kubernetes cluster unreachable: stat ${home}/gone: no such file or directory`,
  );
});

/** Charts that helm_release is used with; those of Applications want values of their user. */
const alone = charts.filter(({ templates }) => !templates);

test.each(alone.map((chart) => [chart.name, chart] as const))(
  '%s installs with nothing but its defaults',
  async (name, chart) => {
    const planned = { ...argo, name, chart: name, repository: chart.repositories[0] as string, version: chart.version };
    const { values } = await release.create(planned, context);
    expect(values['status']).toBe('deployed');
  },
);
