import { type ChartSource, type HelmSource, renderHelm } from '../../../kubernetes/argocd/helm';
import { charts } from '../../../kubernetes/charts/chart';
import type { KubernetesObject } from '../../../world';

const ARC = 'ghcr.io/actions/actions-runner-controller-charts';
const operator = (helm?: HelmSource): ChartSource => ({
  repoURL: 'https://cloudnative-pg.github.io/charts',
  chart: 'cloudnative-pg',
  targetRevision: '0.29.1',
  ...(helm && { helm }),
});
const app = { name: 'cnpg', namespace: 'cnpg-system' };

const render = (source: ChartSource) => renderHelm(source, app);
const find = (objects: KubernetesObject[], kind: string) => objects.find((object) => object.kind === kind);
const container = (objects: KubernetesObject[]) => {
  const { spec } = find(objects, 'Deployment') as unknown as { spec: { template: { spec: { containers: object[] } } } };
  return spec.template.spec.containers[0];
};

test('a chart becomes its workloads and kinds, in the namespace of the destination, without the marks of helm install', () => {
  const objects = render(operator());
  expect(find(objects, 'Deployment')?.metadata).toMatchObject({
    name: 'cnpg-cloudnative-pg',
    namespace: 'cnpg-system',
    labels: { 'helm.sh/chart': 'cloudnative-pg-0.29.1', 'app.kubernetes.io/instance': 'cnpg' },
    annotations: {},
  });
  expect(container(objects)).toMatchObject({ image: 'ghcr.io/cloudnative-pg/cloudnative-pg:1.30.1' });
  expect(objects.map(({ metadata }) => metadata.name)).toContain('clusters.postgresql.cnpg.io');
  expect(find(objects, 'ClusterRole')?.metadata.namespace).toBeUndefined();
});

test('the release may have another name, and values and parameters of the user', () => {
  const objects = render(
    operator({
      releaseName: 'cloudnative-pg',
      valuesObject: { image: { tag: '1.2.3' }, resources: { limits: { memory: '1Gi' } }, replicaCount: 2 },
      parameters: [{ name: 'replicaCount', value: '3' }],
    }),
  );
  expect(find(objects, 'Deployment')).toMatchObject({ metadata: { name: 'cloudnative-pg' }, spec: { replicas: 3 } });
  expect(container(objects)).toMatchObject({
    image: 'ghcr.io/cloudnative-pg/cloudnative-pg:1.2.3',
    resources: { limits: { memory: '1Gi' } },
  });
});

test('values may be text, and kinds may be left out', () => {
  const kinds = (helm: HelmSource) => render(operator(helm)).map(({ kind }) => kind);
  expect(kinds({ values: 'crds: { create: false }\n' })).not.toContain('CustomResourceDefinition');
  expect(kinds({ skipCrds: true })).not.toContain('CustomResourceDefinition');
});

const known = charts.map(({ name, version }) => `${name} ${version}`).join(', ');

test.each<[string, ChartSource, string]>([
  [
    'a version without facts',
    { ...operator(), targetRevision: '0.1.0' },
    `the sandbox has no facts about chart cloudnative-pg 0.1.0 of https://cloudnative-pg.github.io/charts; it has some about ${known}`,
  ],
  [
    'a chart without facts',
    { repoURL: ARC, chart: 'other', targetRevision: '1' },
    `the sandbox has no facts about chart other 1 of ${ARC}; it has some about ${known}`,
  ],
  [
    'a value that the chart does not know',
    operator({ valuesObject: { replicaCont: 2 } }),
    'chart cloudnative-pg 0.29.1 has no value replicaCont; did you mean replicaCount?',
  ],
  [
    'a part of the source that is not simulated',
    operator({ valueFiles: ['prod.yaml'] } as HelmSource),
    'the sandbox simulates only source.helm.releaseName, values, valuesObject, parameters, skipCrds, got: valueFiles',
  ],
  [
    'a value that the chart asks for',
    { repoURL: ARC, chart: 'gha-runner-scale-set', targetRevision: '0.14.2' },
    'chart gha-runner-scale-set 0.14.2 requires a value for githubConfigUrl',
  ],
])('%s is refused', (_, source, message) => {
  expect(() => render(source)).toThrow(new Error(message));
});

test('a runner scale set with Docker next to its runners has a privileged daemon, and keeps what the user says of them', () => {
  const [set] = renderHelm(
    {
      repoURL: ARC,
      chart: 'gha-runner-scale-set',
      targetRevision: '0.14.2',
      helm: {
        valuesObject: {
          githubConfigUrl: 'https://github.com/acme',
          githubConfigSecret: 'app',
          controllerServiceAccount: { namespace: 'arc', name: 'arc' },
          containerMode: { type: 'dind' },
          minRunners: 1,
          template: { spec: { serviceAccountName: 'me', containers: [{ name: 'runner', image: 'acme/runner:1' }] } },
        },
      },
    },
    { name: 'runners', namespace: 'ci' },
  ).filter(({ kind }) => kind === 'AutoscalingRunnerSet');
  expect(set).toMatchObject({
    metadata: { name: 'runners', namespace: 'ci' },
    spec: {
      minRunners: 1,
      template: {
        spec: {
          serviceAccountName: 'me',
          containers: [{ name: 'runner', image: 'acme/runner:1' }],
          initContainers: [{}, { name: 'dind', securityContext: { privileged: true } }],
        },
      },
    },
  });
  expect(set?.['spec']).not.toHaveProperty('maxRunners');
});
