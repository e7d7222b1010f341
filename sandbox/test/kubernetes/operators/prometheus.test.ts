import { prometheusOperator } from '../../../kubernetes/operators/prometheus';
import { health, namesOf, operatorCluster, put } from './ground';

const GROUP = 'monitoring.coreos.com';
const values = (spec: object = {}) => ({
  nodeExporter: { enabled: false },
  grafana: { enabled: false, admin: { existingSecret: 'grafana-admin' } },
  prometheus: { prometheusSpec: spec },
});

const claim = (storageClassName: string) => ({
  storageSpec: {
    volumeClaimTemplate: {
      spec: { storageClassName, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
  },
});

test('a Prometheus and an Alertmanager become StatefulSets, and are healthy once these are ready', async () => {
  const cluster = await operatorCluster(prometheusOperator, 'kube-prometheus-stack', values(claim('local-path')));
  expect(namesOf(cluster, 'apps', 'StatefulSet', 'operators')).toEqual([
    'alertmanager-kube-prometheus-stack-alertmanager',
    'prometheus-kube-prometheus-stack-prometheus',
  ]);
  expect(health(cluster, GROUP, 'Prometheus')).toBe('Healthy');
  expect(health(cluster, GROUP, 'Alertmanager')).toBe('Healthy');
});

test('a Prometheus on a storage class that is not there is degraded', async () => {
  const cluster = await operatorCluster(prometheusOperator, 'kube-prometheus-stack', values(claim('fast')));
  expect(health(cluster, GROUP, 'Prometheus')).toBe('Degraded');
});

test('monitors and rules are taken once the chart has brought their kinds', async () => {
  const cluster = await operatorCluster(prometheusOperator, 'kube-prometheus-stack', values());
  const specs = {
    ServiceMonitor: { endpoints: [], selector: {} },
    PodMonitor: { podMetricsEndpoints: [], selector: {} },
    PrometheusRule: {},
  };
  const metadata = { name: 'mine', namespace: 'default' };
  const objects = Object.entries(specs).map(([kind, spec]) => ({ apiVersion: `${GROUP}/v1`, kind, metadata, spec }));
  await put(cluster, ...objects);
  for (const kind of Object.keys(specs)) expect(namesOf(cluster, GROUP, kind)).toEqual(['mine']);
});
