import { charts } from '../../kubernetes/charts/chart';
import { renderChart } from '../../kubernetes/charts/render';
import type { KubernetesObject } from '../../world';

function rendered(name: string, values?: Record<string, unknown>): readonly KubernetesObject[] {
  const chart = charts.find((one) => one.name === name);
  if (!chart) throw new Error(`there is no chart ${name}`);
  return renderChart(chart, { name: 'one', namespace: 'space' }, values ?? chart.values).objects;
}

function workload(chart: string, name: string): KubernetesObject {
  const found = rendered(chart).find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name);
  if (!found) throw new Error(`${chart} has no Deployment ${name}`);
  return found;
}

// Rendered by helm from the charts themselves.
test("the controller of Image Updater has its chart's name for the container", () => {
  const { spec } = workload('argocd-image-updater', 'one-argocd-image-updater-controller');
  expect(spec).toMatchObject({ template: { spec: { containers: [{ name: 'argocd-image-updater-controller' }] } } });
});

test("Argo CD's redis is selected by its name alone, and its pods have all labels", () => {
  const { spec } = workload('argo-cd', 'one-argocd-redis');
  expect(spec).toMatchObject({ selector: { matchLabels: { 'app.kubernetes.io/name': 'argocd-redis' } } });
  expect(JSON.stringify((spec as { selector: object }).selector)).not.toContain('instance');
  expect(spec).toMatchObject({ template: { metadata: { labels: { 'app.kubernetes.io/instance': 'one' } } } });
});

test('the controller of runner scale sets is selected by its namespace too', () => {
  const found = rendered('gha-runner-scale-set-controller').find(({ kind }) => kind === 'Deployment');
  expect(found?.['spec']).toMatchObject({ selector: { matchLabels: { 'app.kubernetes.io/namespace': 'space' } } });
});

/** The chart asks for a Secret with the password of Grafana, and the sandbox does not render the node exporter. */
const VALUES = {
  nodeExporter: { enabled: false },
  grafana: { enabled: true, admin: { existingSecret: 'grafana-admin' } },
};

test("the binding of Grafana's role has a name of its own", () => {
  const bindings = rendered('kube-prometheus-stack', VALUES).filter(({ kind }) => kind === 'ClusterRoleBinding');
  const found = bindings.find((binding) => JSON.stringify(binding).includes('grafana-clusterrole"'));
  expect(found?.metadata.name).toMatch(/-grafana-clusterrolebinding$/);
});
