import { ApiError } from '../api-server/api';
import type { Cluster } from '../api-server/cluster';
import { CLAIMS, type Claim, STATEFUL_SETS, type StatefulSet } from '../api-server/objects';
import { isReady, type Pod } from '../api-server/pod';
import { refOf, refTo } from '../api-server/reference';
import { builtIn } from './built-in';
import { hashOf, makePod, podsOf } from './pods-of';
import { record } from './record';

const REVISION = 'controller-revision-hash';

/**
 * Simulates the StatefulSet controller: pods by ordinal, each with claims that outlive it.
 *
 * As the real one it waits for each pod in turn, so a pod that never gets ready blocks its own replacement until it is deleted.
 */
export const statefulSets = builtIn('statefulset', (cluster) => {
  for (const set of cluster.list(STATEFUL_SETS)) if (!set.metadata.deletionTimestamp) reconcile(cluster, set);
});

function reconcile(cluster: Cluster, set: StatefulSet): void {
  const { spec } = set;
  const revision = `${set.metadata.name}-${hashOf(spec.template)}`;
  const refusal = step(cluster, set, revision);

  const pods = podsOf(cluster, set);
  const ready = pods.filter(isReady).length;
  const updated = pods.filter((pod) => pod.metadata.labels?.[REVISION] === revision).length;
  const isComplete = updated === spec.replicas && pods.length === spec.replicas && ready === spec.replicas;
  const currentRevision = isComplete ? revision : (set.status?.currentRevision ?? revision);
  cluster.setStatus(refOf(set), {
    observedGeneration: set.metadata.generation,
    replicas: pods.length,
    readyReplicas: ready,
    availableReplicas: ready,
    currentReplicas: pods.filter((pod) => pod.metadata.labels?.[REVISION] === currentRevision).length,
    updatedReplicas: updated,
    currentRevision,
    updateRevision: revision,
    collisionCount: 0,
    // The real controller only writes an Event; here the reason is in the status, where a reader finds it.
    ...(refusal
      ? { conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: refusal }] }
      : {}),
  });
}

/** Does what may be done now, lowest ordinal first; returns why a pod was refused. */
function step(cluster: Cluster, set: StatefulSet, revision: string): string | undefined {
  const { spec } = set;
  const inTurn = spec.podManagementPolicy !== 'Parallel';
  const pods = new Map(podsOf(cluster, set).map((pod) => [ordinalOf(pod), pod]));
  for (let ordinal = 0; ordinal < spec.replicas; ordinal++) {
    const pod = pods.get(ordinal);
    const refusal = pod ? undefined : make(cluster, set, ordinal, revision);
    if (refusal) return refusal;
    if (inTurn && (!pod || !isReady(pod))) return undefined;
  }
  const surplus = [...pods].filter(([ordinal]) => ordinal >= spec.replicas).sort(([a], [b]) => b - a);
  for (const [, pod] of inTurn ? surplus.slice(0, 1) : surplus) cluster.delete(refOf(pod));
  if (surplus.length || spec.updateStrategy.type !== 'RollingUpdate') return undefined;

  for (let ordinal = spec.replicas - 1; ordinal >= (spec.updateStrategy.rollingUpdate?.partition ?? 0); ordinal--) {
    const pod = pods.get(ordinal);
    if (pod && pod.metadata.labels?.[REVISION] !== revision) {
      cluster.delete(refOf(pod));
      return undefined;
    }
    if (!pod || !isReady(pod)) return undefined;
  }
  return undefined;
}

function make(cluster: Cluster, set: StatefulSet, ordinal: number, revision: string): string | undefined {
  const { spec } = set;
  const name = `${set.metadata.name}-${ordinal}`;
  const volumes = (spec.volumeClaimTemplates ?? []).map((template) => {
    const claimName = `${template.metadata.name}-${name}`;
    makeClaim(cluster, set, template, claimName);
    return { name: template.metadata.name, persistentVolumeClaim: { claimName } };
  });
  const labels = {
    [REVISION]: revision,
    'statefulset.kubernetes.io/pod-name': name,
    'apps.kubernetes.io/pod-index': String(ordinal),
  };
  return makePod(cluster, set, spec.template, { name, labels, volumes });
}

function makeClaim(cluster: Cluster, set: StatefulSet, template: Claim, name: string): void {
  const { namespace } = set.metadata;
  if (cluster.get(refTo(CLAIMS, name, namespace))) return;
  const labels = {
    ...set.spec.selector.matchLabels,
    ...template.metadata.labels,
  };
  const metadata = { name, namespace, labels, annotations: template.metadata.annotations };
  try {
    cluster.create({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec: template.spec });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    record(cluster, set, 'Warning', 'FailedCreate', `create Claim ${name} failed error: ${error.message}`);
  }
}

function ordinalOf(pod: Pod): number {
  return Number(pod.metadata.name.split('-').at(-1));
}
