import { HELM_CHART_CRD, k3sHelm } from '../../helm/k3s';
import { refOf } from '../../kubernetes/api-server/reference';
import type { KubernetesObject } from '../../world';
import { FakeCluster } from './fake-cluster';

const helmChart = (spec: object): KubernetesObject => ({
  apiVersion: 'helm.cattle.io/v1',
  kind: 'HelmChart',
  metadata: { name: 'secrets', namespace: 'kube-system' },
  spec: { repo: 'https://charts.external-secrets.io', chart: 'external-secrets', targetNamespace: 'eso', ...spec },
});

let cluster: FakeCluster;
const conditions = (object: KubernetesObject) =>
  (cluster.get(refOf(object))?.['status'] as { conditions: object[] } | undefined)?.conditions;
const settle = async () => {
  await cluster.settled();
  await cluster.world.clock.settled();
  await cluster.settled();
};

beforeEach(() => {
  cluster = new FakeCluster();
  cluster.controllers.push(k3sHelm());
  for (const name of ['kube-system', 'eso']) cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  cluster.apply(HELM_CHART_CRD);
});

test('a HelmChart becomes a release in its namespace, with its CRDs, and takes it along', async () => {
  const object = helmChart({ valuesContent: 'replicaCount: 1\n' });
  cluster.apply(object);
  await settle();
  expect(conditions(object)).toContainEqual({ type: 'Failed', status: 'False' });
  expect(cluster.list('apps', 'Deployment', 'eso').length).toBeGreaterThan(0);
  expect(cluster.kind('external-secrets.io', 'ExternalSecret')).toBeDefined();

  cluster.delete(refOf(object));
  await settle();
  expect(cluster.get(refOf(object))).toBeUndefined();
  expect(cluster.list('apps', 'Deployment', 'eso')).toEqual([]);
});

test('a chart that the sandbox has no facts about is a failed HelmChart that says so', async () => {
  const object = helmChart({ repo: 'https://example.com', chart: 'unknown' });
  cluster.apply(object);
  await settle();
  expect(conditions(object)).toContainEqual(
    expect.objectContaining({
      type: 'Failed',
      status: 'True',
      message: expect.stringContaining('looks like "https://example.com" is not a valid chart repository'),
    }),
  );
  cluster.delete(refOf(object));
  await settle();
  expect(cluster.get(refOf(object))).toBeUndefined();
});
