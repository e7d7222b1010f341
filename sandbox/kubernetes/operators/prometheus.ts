import type { KubernetesObject } from '../../world';
import type { ClusterApi, Controller } from '../api-server/api';
import { kindOf } from '../api-server/kind';
import { STATEFUL_SETS } from '../api-server/objects';
import { refOf, refTo } from '../api-server/reference';
import { ownerReference } from '../controllers/pods-of';
import { operatorRuns, refusalOf } from './running';

const GROUP = 'monitoring.coreos.com';
/** Label of the operator's Deployment in kube-prometheus-stack. */
const OPERATOR = 'kube-prometheus-stack-prometheus-operator';

interface Spec {
  readonly image?: string;
  readonly replicas?: number;
  readonly serviceAccountName?: string;
  readonly securityContext?: object;
  readonly resources?: object;
  readonly storage?: { readonly volumeClaimTemplate?: { readonly spec?: object } };
}

/** A Prometheus or an Alertmanager. */
type Monitor = KubernetesObject<Spec>;

/**
 * Simulates the Prometheus operator while its Deployment runs: a Prometheus and an Alertmanager become a StatefulSet each.
 *
 * Not simulated: what ServiceMonitors, PodMonitors and PrometheusRules become; they are taken as they are.
 */
export const prometheusOperator: Controller = {
  name: 'prometheus-operator',
  async reconcile(cluster) {
    if (!cluster.host.answers || !operatorRuns(cluster, OPERATOR)) return;
    for (const kind of ['Prometheus', 'Alertmanager'].filter((one) => cluster.kind(GROUP, one))) {
      for (const object of cluster.list(kindOf<Monitor>(GROUP, kind)))
        if (!object.metadata.deletionTimestamp) reconcile(cluster, object);
    }
  },
};

function reconcile(cluster: ClusterApi, object: Monitor): void {
  const set = statefulSet(object);
  const refusal = refusalOf(() => {
    cluster.apply(set);
    return undefined;
  });
  const readyReplicas =
    cluster.get(refTo(STATEFUL_SETS, set.metadata.name, set.metadata.namespace))?.status?.readyReplicas ?? 0;
  const { replicas = 1 } = object.spec;
  const isReady = readyReplicas >= replicas;
  const condition = {
    type: 'Available',
    status: isReady ? 'True' : 'False',
    ...(isReady ? {} : { reason: readyReplicas ? 'SomePodsNotReady' : 'NoPodReady', message: refusal }),
    observedGeneration: object.metadata.generation,
  };
  cluster.setStatus(refOf(object), { replicas, availableReplicas: readyReplicas, conditions: [condition] });
}

/** Its containers pass the restricted Pod Security level when the pod's own context does. Source: pkg/prometheus/server/statefulset.go. */
function statefulSet(object: Monitor): KubernetesObject {
  const { metadata, kind } = object;
  const program = kind.toLowerCase();
  const name = `${program}-${metadata.name}`;
  const { image = '', replicas = 1, serviceAccountName, securityContext, resources, storage } = object.spec;
  const labels = {
    'app.kubernetes.io/name': program,
    'app.kubernetes.io/instance': metadata.name,
    ...(kind === 'Prometheus' ? { 'operator.prometheus.io/name': metadata.name } : {}),
    [program]: metadata.name,
  };
  const safe = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } };
  const volume = `${name}-db`;
  const claim = storage?.volumeClaimTemplate;
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, namespace: metadata.namespace, labels, ownerReferences: [ownerReference(object)] },
    spec: {
      replicas,
      podManagementPolicy: 'Parallel',
      serviceName: `${program}-operated`,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          ...(serviceAccountName ? { serviceAccountName } : {}),
          ...(securityContext ? { securityContext } : {}),
          containers: [
            {
              name: program,
              image,
              resources: resources ?? {},
              securityContext: safe,
              volumeMounts: [{ name: volume, mountPath: `/${program}` }],
            },
            {
              name: 'config-reloader',
              image: 'quay.io/prometheus-operator/prometheus-config-reloader',
              securityContext: safe,
            },
          ],
          ...(claim ? {} : { volumes: [{ name: volume, emptyDir: {} }] }),
        },
      },
      ...(claim ? { volumeClaimTemplates: [{ metadata: { name: volume }, spec: claim.spec }] } : {}),
    },
  };
}
