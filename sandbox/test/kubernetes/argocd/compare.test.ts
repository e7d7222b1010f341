import type { Cluster } from '../../../kubernetes/api-server/cluster';
import type { Application } from '../../../kubernetes/argocd/application';
import { compare } from '../../../kubernetes/argocd/compare';
import { charts } from '../../../kubernetes/charts/chart';
import { definitionOf } from '../../../kubernetes/charts/definition';
import type { KubernetesObject } from '../../../world';
import { object, startCluster, statefulSet } from '../ground';

const CLUSTER = { instances: 1, storage: { size: '1Gi' } };
const DATABASE = { name: 'web', owner: 'web', cluster: { name: 'db' } };

let cluster: Cluster;
beforeEach(() => {
  ({ cluster } = startCluster());
  const kinds = charts.flatMap(({ crds }) => crds?.kinds ?? []).filter(({ group }) => group === 'postgresql.cnpg.io');
  for (const kind of kinds) cluster.apply(definitionOf(kind));
});

function application(syncOptions: string[], annotations: Record<string, string> = {}): Application {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'app', namespace: 'default', annotations },
    spec: { project: 'default', destination: { namespace: 'default' }, syncPolicy: { syncOptions } },
  };
}

/** What Argo CD says of an object right after it has applied it. */
function verdict(git: KubernetesObject, app = application(['ServerSideApply=true'])): string {
  const build = { revision: 'abc1234', sourceType: 'Kustomize' as const, objects: [git] };
  const [desired] = compare(cluster, app, build).desired;
  cluster.apply(desired?.object as KubernetesObject);
  return compare(cluster, app, build).resources[0]?.status ?? '';
}

const COMPLETE = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' };
const withTemplate = (template: object, spec: object = {}) => {
  const set = statefulSet({}, spec);
  const [given] = (set['spec'] as { volumeClaimTemplates: object[] }).volumeClaimTemplates;
  return { ...set, spec: { ...(set['spec'] as object), volumeClaimTemplates: [{ ...template, ...given }] } };
};

test('defaults of the API server outside of atomic lists are no difference', () => {
  expect(verdict(object('v1', 'Service', 'web', { spec: { ports: [{ port: 80 }] } }))).toBe('Synced');
  expect(verdict(object('postgresql.cnpg.io/v1', 'Database', 'web', { spec: DATABASE }))).toBe('Synced');
});

test.each([
  ['without what the server fills in', {}, {}, 'OutOfSync'],
  ['without its volume mode', COMPLETE, {}, 'OutOfSync'],
  ['with all of it', COMPLETE, { volumeMode: 'Filesystem' }, 'Synced'],
])('a claim template under server-side apply %s', (_what, template, spec, expected) => {
  expect(verdict(withTemplate(template, spec))).toBe(expected);
});

test('a claim template without server-side apply, or with a dry run of the server, is no difference', () => {
  expect(verdict(withTemplate({}), application([]))).toBe('Synced');
  const dryRun = { 'argocd.argoproj.io/compare-options': 'ServerSideDiff=true' };
  expect(verdict(withTemplate({}), application(['ServerSideApply=true'], dryRun))).toBe('Synced');
});

test.each([
  ['Cluster', { managed: { roles: [{ name: 'a' }] } }, { connectionLimit: -1, ensure: 'present', inherit: true }],
  ['Database', { extensions: [{ name: 'postgis' }] }, { ensure: 'present' }],
  ['Database', { schemas: [{ name: 'audit' }] }, { ensure: 'present' }],
])('a list of a %s differs by the defaults of its CRD, unless Git has them', (kind, list, defaults) => {
  const spec = { ...(kind === 'Cluster' ? CLUSTER : DATABASE), ...list };
  const complete = JSON.parse(JSON.stringify(spec).replace('[{', `[{${JSON.stringify(defaults).slice(1, -1)},`));
  expect(verdict(object('postgresql.cnpg.io/v1', kind, 'one', { spec }))).toBe('OutOfSync');
  expect(verdict(object('postgresql.cnpg.io/v1', kind, 'two', { spec: complete }))).toBe('Synced');
});
