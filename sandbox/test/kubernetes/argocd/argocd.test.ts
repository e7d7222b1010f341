import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { GitRemotes } from '../../../git/remotes';
import type { Controller } from '../../../kubernetes/api-server/api';
import { refOf } from '../../../kubernetes/api-server/reference';
import type { Application, ApplicationSpec } from '../../../kubernetes/argocd/application';
import { ArgoCd } from '../../../kubernetes/argocd/argocd';
import { charts } from '../../../kubernetes/charts/chart';
import { renderChart } from '../../../kubernetes/charts/render';
import type { KubernetesObject } from '../../../world';
import { FakeCluster } from '../../helm/fake-cluster';

const url = 'https://github.com/acme/platform.git';
const FINALIZER = 'resources-finalizer.argocd.argoproj.io';

let root: string;
let cluster: FakeCluster;
let remotes: GitRemotes;
let argo: ArgoCd;

const files: Record<string, unknown> = {
  'k8s/base/kustomization.yaml': { resources: ['web.deployment.yaml', 'web.configmap.yaml'] },
  'k8s/base/web.configmap.yaml': {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'web' },
    data: { colour: 'blue' },
  },
  'k8s/base/web.deployment.yaml': {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'web', image: 'acme/web:placeholder' }] },
      },
    },
  },
  'k8s/overlays/prod/kustomization.yaml': {
    namespace: 'threads',
    resources: ['../../base'],
    images: [{ name: 'acme/web', newTag: 'abc1234' }],
  },
  'k8s/empty/kustomization.yaml': { resources: [] },
};

function write(changes: Record<string, unknown>): void {
  for (const [file, content] of Object.entries(changes)) {
    mkdirSync(dirname(join(root, 'tree', file)), { recursive: true });
    writeFileSync(join(root, 'tree', file), stringify(content));
  }
}

function seed(changes: Record<string, unknown> = {}): Promise<string> {
  write(changes);
  return remotes.seed(url, 'main', join(root, 'tree'));
}

function installArgoCd(): void {
  const chart = charts.find(({ name }) => name === 'argo-cd') as (typeof charts)[0];
  const { objects } = renderChart(chart, { name: 'argocd', namespace: 'argocd' }, chart.values);
  for (const object of objects) cluster.apply(object);
}

function removeArgoCd(): void {
  for (const kind of ['Deployment', 'StatefulSet']) {
    for (const object of cluster.list('apps', kind, 'argocd')) cluster.delete(refOf(object));
  }
}

function application(spec: Partial<ApplicationSpec> = {}, metadata: object = {}): Application {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'threads', namespace: 'argocd', ...metadata },
    spec: {
      project: 'default',
      source: { repoURL: url, targetRevision: 'main', path: 'k8s/overlays/prod' },
      destination: { server: 'https://kubernetes.default.svc', namespace: 'threads' },
      syncPolicy: { automated: { prune: true, selfHeal: true }, syncOptions: ['CreateNamespace=true'] },
      ...spec,
    },
  };
}

const status = () => (cluster.get(refOf(application())) as Application | undefined)?.status ?? {};
const live = (kind: string, name: string, group = '') => cluster.get({ group, kind, namespace: 'threads', name });
const web = () => live('Deployment', 'web', 'apps');
const conditions = () => status().conditions?.map(({ type, message }) => `${type}: ${message}`) ?? [];

async function put(...objects: Parameters<FakeCluster['apply']>[0][]): Promise<void> {
  for (const object of objects) cluster.apply(object);
  await cluster.settled();
}

/** Lets Argo CD notice what was pushed. */
async function notice(): Promise<void> {
  await argo.reconcile(cluster);
  await cluster.settled();
}

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'strata-argocd-'));
  remotes = GitRemotes.open(join(root, 'git'));
  argo = new ArgoCd(remotes);
  cluster = new FakeCluster();
  cluster.controllers.push(argo);
  cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'argocd' } });
  installArgoCd();
  await seed(files);
  await cluster.settled();
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

test('an Application builds its path with kustomize, syncs it, and says that its pods are simulated', async () => {
  await put(application());
  const commit = await remotes.head(url, 'main');
  expect(web()).toMatchObject({ spec: { template: { spec: { containers: [{ image: 'acme/web:abc1234' }] } } } });
  expect(status()).toMatchObject({
    sync: { status: 'Synced', revision: commit },
    health: { status: 'Healthy', message: '2 resources admitted and scheduled (simulated)' },
    operationState: {
      phase: 'Succeeded',
      message: 'successfully synced (all tasks run)',
      syncResult: { revision: commit },
    },
    history: [{ id: 0, revision: commit }],
    sourceType: 'Kustomize',
    summary: { images: ['acme/web:abc1234'] },
  });
  expect(web()?.metadata.annotations).toEqual({
    'argocd.argoproj.io/tracking-id': 'threads:apps/Deployment:threads/web',
  });
});

test('without a running application controller nothing happens', async () => {
  removeArgoCd();
  await put(application());
  expect(status()).toEqual({});
});

test('a folder of plain YAML is built without kustomize', async () => {
  await seed({ 'plain/a.yaml': files['k8s/base/web.configmap.yaml'] });
  await put(application({ source: { repoURL: url, path: 'plain', targetRevision: 'main' } }));
  expect(status()).toMatchObject({ sync: { status: 'Synced' }, sourceType: 'Directory' });
  expect(live('ConfigMap', 'web')).toBeDefined();
});

test('a push is noticed after a while of simulated time, and rolls out', async () => {
  await put(application());
  const start = cluster.world.clock.now();
  const images = [{ name: 'acme/web', newTag: 'def5678' }];
  const commit = await seed({
    'k8s/overlays/prod/kustomization.yaml': { namespace: 'threads', resources: ['../../base'], images },
  });
  await notice();
  expect(JSON.stringify(web())).toContain('acme/web:def5678');
  expect(status().history?.map(({ revision }) => revision)).toEqual([expect.any(String), commit]);
  const seconds = (cluster.world.clock.now() - start) / 1000;
  expect(seconds).toBeGreaterThanOrEqual(75);
  expect(seconds).toBeLessThanOrEqual(180);
});

test('a refresh annotation makes Argo CD compare at once, and is removed', async () => {
  await put(application());
  await seed({
    'k8s/base/web.configmap.yaml': { ...(files['k8s/base/web.configmap.yaml'] as object), data: { colour: 'red' } },
  });
  const start = cluster.world.clock.now();
  await put(application({}, { annotations: { 'argocd.argoproj.io/refresh': 'normal' } }));
  expect(live('ConfigMap', 'web')?.['data']).toEqual({ colour: 'red' });
  expect(cluster.world.clock.now() - start).toBeLessThan(20_000);
  expect(cluster.get(refOf(application()))?.metadata.annotations).toEqual({});
});

test('removing a manifest from Git prunes it', async () => {
  await put(application());
  await seed({ 'k8s/base/kustomization.yaml': { resources: ['web.deployment.yaml'] } });
  await notice();
  expect(live('ConfigMap', 'web')).toBeUndefined();
  expect(status().operationState?.syncResult.resources).toContainEqual(
    expect.objectContaining({ name: 'web', status: 'Pruned' }),
  );
});

test('a manifest with Prune=false stays, and leaves the Application OutOfSync', async () => {
  const map = files['k8s/base/web.configmap.yaml'] as { metadata: object };
  const metadata = { ...map.metadata, annotations: { 'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false' } };
  await seed({ 'k8s/base/web.configmap.yaml': { ...map, metadata } });
  await put(application());
  await seed({ 'k8s/base/kustomization.yaml': { resources: ['web.deployment.yaml'] } });
  await notice();
  expect(live('ConfigMap', 'web')).toBeDefined();
  expect(status()).toMatchObject({ sync: { status: 'OutOfSync' }, operationState: { phase: 'Succeeded' } });
});

test('a manifest with Prune=confirm is pruned when a person confirms, not before', async () => {
  const map = files['k8s/base/web.configmap.yaml'] as { metadata: object };
  const metadata = { ...map.metadata, annotations: { 'argocd.argoproj.io/sync-options': 'Prune=confirm' } };
  await seed({ 'k8s/base/web.configmap.yaml': { ...map, metadata } });
  await put(application());
  await seed({ 'k8s/base/kustomization.yaml': { resources: ['web.deployment.yaml'] } });
  await notice();
  expect(status().operationState).toMatchObject({
    phase: 'Running',
    message: 'waiting for pruning confirmation of ConfigMap/web',
  });
  await put(application({}, { annotations: { 'argocd.argoproj.io/deletion-approved': cluster.world.clock.iso() } }));
  expect(live('ConfigMap', 'web')).toBeUndefined();
});

test('a path that renders nothing does not wipe out everything', async () => {
  await put(application());
  await put(application({ source: { repoURL: url, targetRevision: 'main', path: 'k8s/empty' } }));
  expect(web()).toBeDefined();
  const commit = await remotes.head(url, 'main');
  expect(conditions()).toEqual([
    `SyncError: Skipping sync attempt to ${commit}: auto-sync will wipe out all resources`,
  ]);
});

test('a manual change is reverted', async () => {
  await put(application());
  await put({ ...(live('ConfigMap', 'web') as KubernetesObject), data: { colour: 'green' } });
  expect(live('ConfigMap', 'web')?.['data']).toEqual({ colour: 'blue' });
});

test('an Application that another controller keeps changing settles, and stays OutOfSync', async () => {
  const rival: Controller = {
    name: 'rival',
    async reconcile() {
      const now = web();
      if (now && (now['spec'] as { replicas: number }).replicas !== 7) {
        cluster.apply({ ...now, spec: { ...(now['spec'] as object), replicas: 7 } });
      }
    },
  };
  cluster.controllers.push(rival);
  await put(application());
  expect(status().sync?.status).toBe('OutOfSync');
  await cluster.world.clock.advance(3600);
  await cluster.settled();
  expect(status().sync?.status).toBe('OutOfSync');
});

test('a manual change stays without selfHeal, and is reported', async () => {
  const app = application({ syncPolicy: { automated: { prune: true }, syncOptions: ['CreateNamespace=true'] } });
  await put(app);
  await put({ ...(live('ConfigMap', 'web') as KubernetesObject), data: { colour: 'green' } });
  expect(live('ConfigMap', 'web')?.['data']).toEqual({ colour: 'green' });
  expect(status().sync?.status).toBe('OutOfSync');
});

test('a new Argo CD adopts what runs: the same pods, no second ones', async () => {
  await put(application());
  const pods = cluster.pods('threads');
  removeArgoCd();
  cluster.delete(refOf(application()));
  await cluster.settled();
  expect(web()).toBeDefined();
  installArgoCd();
  await put(application());
  expect(status().sync?.status).toBe('Synced');
  expect(cluster.pods('threads')).toEqual(pods);
});

test('a deleted Application leaves what it created, unless it carries the cascading finalizer', async () => {
  await put(application({}, { finalizers: [FINALIZER] }));
  cluster.delete(refOf(application()));
  await cluster.settled();
  expect(web()).toBeUndefined();
  expect(cluster.get(refOf(application()))).toBeUndefined();
});

test('a deleted Application without the finalizer leaves what it created', async () => {
  await put(application());
  cluster.delete(refOf(application()));
  await cluster.settled();
  expect(cluster.get(refOf(application()))).toBeUndefined();
  expect(web()).toBeDefined();
});

test('a deleted Application that waits for another finalizer leaves what it created too', async () => {
  await put(application({}, { finalizers: ['acme.dev/audit'] }));
  cluster.delete(refOf(application()));
  await cluster.settled();
  expect([cluster.get(refOf(application())), web()]).toEqual([expect.anything(), expect.anything()]);
});

test('an object with Delete=false stays when its Application goes with all else', async () => {
  const map = files['k8s/base/web.configmap.yaml'] as { metadata: object };
  const annotations = { 'argocd.argoproj.io/sync-options': 'Delete=false' };
  await seed({ 'k8s/base/web.configmap.yaml': { ...map, metadata: { ...map.metadata, annotations } } });
  await put(application({}, { finalizers: [FINALIZER] }));
  cluster.delete(refOf(application()));
  await cluster.settled();
  expect(cluster.get(refOf(application()))).toBeUndefined();
  expect([web(), live('ConfigMap', 'web')]).toEqual([undefined, expect.anything()]);
});

test.each([
  ['of one object', { 'argocd.argoproj.io/sync-options': 'Delete=confirm' }, []],
  ['of the Application', {}, ['Delete=confirm']],
])('Delete=confirm %s keeps everything until a person confirms', async (_, annotations, options) => {
  const map = files['k8s/base/web.configmap.yaml'] as { metadata: object };
  await seed({ 'k8s/base/web.configmap.yaml': { ...map, metadata: { ...map.metadata, annotations } } });
  const syncPolicy = { automated: {}, syncOptions: ['CreateNamespace=true', ...options] };
  await put(application({ syncPolicy }, { finalizers: [FINALIZER] }));
  cluster.delete(refOf(application()));
  await cluster.settled();
  expect([web(), live('ConfigMap', 'web')]).toEqual([expect.anything(), expect.anything()]);
  const going = cluster.get(refOf(application())) as Application;
  const approved = { 'argocd.argoproj.io/deletion-approved': cluster.world.clock.iso() };
  await put({ ...going, metadata: { ...going.metadata, annotations: approved } });
  expect([web(), live('ConfigMap', 'web')]).toEqual([undefined, undefined]);
});

test('an object of another namespace than those of its project is refused, though the Application is not', async () => {
  const map = files['k8s/base/web.configmap.yaml'] as { metadata: object };
  await seed({
    'k8s/plain/web.configmap.yaml': { ...map, metadata: { name: 'web', namespace: 'argocd' } },
  });
  const source = { repoURL: url, targetRevision: 'main', path: 'k8s/plain' };
  await put(
    project({ clusterResourceWhitelist: [{ group: '', kind: 'Namespace' }] }),
    application({ project: 'threads', source }),
  );
  expect(status().operationState?.message).toContain("namespace argocd is not permitted in project 'threads'");
  expect(cluster.get({ group: '', kind: 'ConfigMap', namespace: 'argocd', name: 'web' })).toBeUndefined();
});

test('with the finalizer and no Argo CD the Application stays Terminating', async () => {
  await put(application({}, { finalizers: [FINALIZER] }));
  removeArgoCd();
  cluster.delete(refOf(application()));
  await cluster.settled();
  expect(web()).toBeDefined();
  expect(cluster.get(refOf(application()))?.metadata.deletionTimestamp).toBeDefined();
});

test('waves are applied in order, each when the one before is healthy', async () => {
  const deployment = files['k8s/base/web.deployment.yaml'] as { metadata: object };
  const wave = (number: number) => ({ annotations: { 'argocd.argoproj.io/sync-wave': String(number) } });
  const db = { ...deployment, metadata: { name: 'db', ...wave(-1) } };
  await seed({
    'k8s/base/db.deployment.yaml': db,
    'k8s/base/kustomization.yaml': { resources: ['web.deployment.yaml', 'db.deployment.yaml'] },
  });
  await put(application());
  const created = (name: string) => Date.parse(live('Deployment', name, 'apps')?.metadata.creationTimestamp ?? '');
  expect(created('web') - created('db')).toBeGreaterThanOrEqual(5000);
  expect(status().operationState?.phase).toBe('Succeeded');
});

test('the sync is over with its last wave, whatever the health of that', async () => {
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'door' }, spec: { type: 'LoadBalancer' } };
  const last = { ...service, metadata: { name: 'door', annotations: { 'argocd.argoproj.io/sync-wave': '1' } } };
  await seed({
    'k8s/base/door.service.yaml': last,
    'k8s/base/kustomization.yaml': { resources: ['web.deployment.yaml', 'door.service.yaml'] },
  });
  await put(application());
  expect(status()).toMatchObject({ operationState: { phase: 'Succeeded' }, health: { status: 'Progressing' } });
});

const project = (spec: object) => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AppProject',
  metadata: { name: 'threads', namespace: 'argocd' },
  spec: {
    sourceRepos: [url],
    destinations: [{ server: 'https://kubernetes.default.svc', namespace: 'threads' }],
    ...spec,
  },
});

test.each([
  [
    'another repository',
    { sourceRepos: ['https://github.com/acme/other.git'] },
    `InvalidSpecError: application repo ${url} is not permitted in project 'threads'`,
  ],
  [
    'another namespace',
    { destinations: [{ server: '*', namespace: 'other' }] },
    "InvalidSpecError: application destination server 'https://kubernetes.default.svc' and namespace 'threads' do not match any of the allowed destinations in project 'threads'",
  ],
])('a project of %s refuses the Application', async (_, spec, message) => {
  await put(project(spec), application({ project: 'threads' }));
  expect(conditions()).toEqual([message]);
  expect(web()).toBeUndefined();
});

test('a project that does not exist is an invalid spec', async () => {
  await put(application({ project: 'gone' }));
  expect(conditions()).toEqual(['InvalidSpecError: Application referencing project gone which does not exist']);
});

test('a cluster kind that the project does not list fails the sync after its retries', async () => {
  await put(project({}), application({ project: 'threads' }));
  expect(status().operationState).toMatchObject({
    phase: 'Failed',
    message:
      'one or more synchronization tasks are not valid: resource :Namespace is not permitted in project threads (retried 5 times)',
    syncResult: { resources: [expect.objectContaining({ kind: 'Namespace', status: 'SyncFailed' })] },
  });
  await put(project({ clusterResourceWhitelist: [{ group: '', kind: 'Namespace' }] }));
  expect(conditions()[0]).toMatch(/^SyncError: Failed last sync attempt to/);
});

test('a cluster kind that the project lists by name is allowed by that name alone', async () => {
  const named = (name: string) => project({ clusterResourceWhitelist: [{ group: '', kind: 'Namespace', name }] });
  await put(named('other'), application({ project: 'threads' }));
  expect(status().operationState?.message).toContain('resource :Namespace is not permitted in project threads');
  cluster.delete(refOf(application()));
  await put(named('threads'), application({ project: 'threads' }));
  expect(status().sync?.status).toBe('Synced');
});

describe('a sync that fails', () => {
  const BROKEN = { apiVersion: 'acme.dev/v1', kind: 'Widget', metadata: { name: 'widget' } };
  const retry = { limit: 3, backoff: { duration: '10s', factor: 2, maxDuration: '5m' } };
  const policy = (change: object) =>
    application({
      syncPolicy: { automated: {}, syncOptions: ['CreateNamespace=true'], retry: { ...retry, ...change } },
    });
  const revision = () => status().operationState?.syncResult.revision;
  /** Brings what the build lacked. */
  const crd = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.acme.dev' },
    spec: { group: 'acme.dev', scope: 'Namespaced', names: { kind: 'Widget', plural: 'widgets' }, versions: [] },
  };
  const RESOURCES = ['web.deployment.yaml', 'web.configmap.yaml'];
  const breakTree = () =>
    seed({
      'k8s/base/widget.yaml': BROKEN,
      'k8s/base/kustomization.yaml': { resources: [...RESOURCES, 'widget.yaml'] },
    });
  const mendTree = () => seed({ 'k8s/base/kustomization.yaml': { resources: RESOURCES } });

  test('stays with its revision while it is tried again, whatever is pushed meanwhile', async () => {
    const broken = await breakTree();
    await put(policy({ limit: -1 }));
    await mendTree();
    await notice();
    await cluster.world.clock.advance(3600);
    expect(revision()).toBe(broken);
    expect(status().operationState).toMatchObject({ phase: 'Running', message: expect.stringContaining('Retrying') });
  });

  test('takes the newest revision at its next try with retry.refresh', async () => {
    await breakTree();
    await put(policy({ limit: -1, refresh: true }));
    const mended = await mendTree();
    await notice();
    expect(revision()).toBe(mended);
    expect(status()).toMatchObject({ sync: { status: 'Synced' }, operationState: { phase: 'Succeeded' } });
  });

  test('is never tried again at the same revision once its retries are used up', async () => {
    await breakTree();
    await put(policy({}));
    await put(crd);
    await cluster.world.clock.advance(24 * 3600);
    expect(status()).toMatchObject({ sync: { status: 'OutOfSync' }, operationState: { phase: 'Failed' } });
    expect(conditions()).toEqual([expect.stringContaining('SyncError: Failed last sync attempt')]);
  });

  test('goes on for ever with a limit of -1, until what it lacks is there', async () => {
    await breakTree();
    await put(policy({ limit: -1 }));
    await cluster.world.clock.advance(24 * 3600);
    await put(crd);
    await cluster.world.clock.advance(301);
    await cluster.settled();
    expect(status()).toMatchObject({ sync: { status: 'Synced' }, operationState: { phase: 'Succeeded' } });
  });
});

test("a refusal by the API fails the sync with the API's own message", async () => {
  const app = application({ syncPolicy: { automated: {}, retry: { limit: 1 } } });
  await put(app);
  expect(status().operationState).toMatchObject({
    phase: 'Failed',
    message: 'one or more objects failed to apply, reason: namespaces "threads" not found (retried 1 times)',
  });
});

test('a custom resource whose CRD is not there fails the sync and says so', async () => {
  const thing = { apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'a' } };
  await seed({ 'k8s/base/thing.yaml': thing, 'k8s/base/kustomization.yaml': { resources: ['thing.yaml'] } });
  await put(application({ syncPolicy: { automated: {}, retry: { limit: 0 } } }));
  expect(status().operationState?.message).toBe(
    'one or more synchronization tasks are not valid: The Kubernetes API could not find example.com/Thing for requested resource threads/a. Make sure the "Thing" CRD is installed on the destination cluster.',
  );
});

test.each([
  [{ targetRevision: 'gone' }, "unable to resolve 'gone' to a commit SHA"],
  [{ path: 'nowhere' }, 'nowhere: app path does not exist'],
  [
    { repoURL: 'https://github.com/acme/other.git' },
    'failed to list refs: repository not found: https://github.com/acme/other.git (not seeded in the sandbox)',
  ],
])('a source with %j cannot be compared', async (change, message) => {
  await put(application({ source: { repoURL: url, targetRevision: 'main', path: 'k8s/overlays/prod', ...change } }));
  expect(conditions()).toEqual([`ComparisonError: ${message}`]);
  expect(status().sync?.status).toBe('Unknown');
});

test('a sync hook is refused rather than applied as an ordinary object', async () => {
  const map = files['k8s/base/web.configmap.yaml'] as { metadata: object };
  const metadata = { ...map.metadata, annotations: { 'argocd.argoproj.io/hook': 'PreSync' } };
  await seed({ 'k8s/base/web.configmap.yaml': { ...map, metadata } });
  await put(application());
  expect(conditions()).toEqual(['ComparisonError: the sandbox does not simulate sync hooks: ConfigMap/web is one']);
});

test('a sync that Argo CD could not finish starts again when Argo CD is back', async () => {
  cluster.apply(application());
  await argo.reconcile(cluster);
  removeArgoCd();
  await cluster.settled();
  expect(status().operationState?.phase ?? 'none').not.toBe('Succeeded');
  installArgoCd();
  await cluster.settled();
  expect(status()).toMatchObject({ sync: { status: 'Synced' }, operationState: { phase: 'Succeeded' } });
});

test("kustomize's own refusal is shown", async () => {
  await seed({ 'k8s/base/kustomization.yaml': { resources: ['gone.yaml'] } });
  await put(application());
  expect(conditions()[0]).toMatch(
    /^ComparisonError: `kustomize build k8s\/overlays\/prod` failed: accumulating resources: .*<path to cached source>\/k8s\/base\/gone\.yaml/,
  );
});

test('a push with plain git while nothing else happens is noticed by the watch', async () => {
  await put(application());
  const stop = argo.watch(5);
  const clone = join(root, 'clone');
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], { cwd: root, stdio: 'pipe' });
  git('clone', '-q', remotes.resolve(url) as string, clone);
  writeFileSync(join(clone, 'k8s/base/kustomization.yaml'), stringify({ resources: ['web.deployment.yaml'] }));
  git('-C', clone, 'commit', '-qam', 'drop the map');
  git('-C', clone, 'push', '-q', 'origin', 'HEAD');
  while (live('ConfigMap', 'web')) await new Promise(setImmediate);
  stop();
});

describe('a private repository', () => {
  const ssh = 'git@github.com:acme/platform.git';
  const source = { targetRevision: 'main', path: 'k8s/overlays/prod' };
  const credential = (fields: Record<string, string>): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'key', namespace: 'argocd', labels: { 'argocd.argoproj.io/secret-type': 'repository' } },
    data: Object.fromEntries(
      Object.entries({ type: 'git', ...fields }).map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
    ),
  });

  beforeEach(() => remotes.protect(url));

  test.each([
    ['by HTTPS without a credential', url, undefined, 'authentication required: Repository not found.'],
    ['by SSH without one', ssh, undefined, 'error creating SSH agent'],
    ['by HTTPS with one for SSH', url, { url: ssh, sshPrivateKey: 'key' }, 'authentication required'],
    ['by SSH with one that is empty', ssh, { url: ssh, sshPrivateKey: '' }, 'error creating SSH agent'],
    ['by SSH with one of another project', ssh, { url: ssh, sshPrivateKey: 'key', project: 'other' }, 'error creating'],
  ])('is not read %s', async (_, repoURL, fields, message) => {
    if (fields) await put(credential(fields as Record<string, string>));
    await put(application({ source: { repoURL, ...source } }));
    expect(conditions()).toEqual([expect.stringContaining(message)]);
  });

  test('is read by SSH with a credential for that URL', async () => {
    await put(credential({ url: ssh, sshPrivateKey: 'key' }));
    await put(application({ source: { repoURL: ssh, ...source } }));
    expect(conditions()).toEqual([]);
  });
});
