import type { ClusterApi } from '../api-server/api';
import { REPLICA_SETS, type ReplicaSet } from '../api-server/objects';
import { type Condition, isReady } from '../api-server/pod';
import { refOf } from '../api-server/reference';
import { builtIn } from './built-in';
import { hashOf, makePod, podsOf } from './pods-of';
import { withCondition } from './record';

/** Simulates the ReplicaSet controller: as many pods of one template as asked. */
export const replicaSets = builtIn('replicaset', (cluster) => {
  for (const set of cluster.list(REPLICA_SETS)) if (!set.metadata.deletionTimestamp) reconcile(cluster, set);
});

function reconcile(cluster: ClusterApi, set: ReplicaSet): void {
  const { spec } = set;
  const pods = podsOf(cluster, set);
  let refusal: string | undefined;
  for (let missing = spec.replicas - pods.length, number = 0; missing > 0; number++) {
    const name = `${set.metadata.name}-${hashOf([set.metadata.uid, number]).slice(0, 5)}`;
    if (pods.some((pod) => pod.metadata.name === name)) continue;
    refusal = makePod(cluster, set, spec.template, { name });
    if (refusal) break;
    missing--;
  }
  const unreadyFirst = [...pods].sort((a, b) => Number(isReady(a)) - Number(isReady(b)));
  for (const pod of unreadyFirst.slice(0, Math.max(0, pods.length - spec.replicas))) cluster.delete(refOf(pod));

  const left = podsOf(cluster, set);
  const ready = left.filter(isReady).length;
  const failure: Condition = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: refusal };
  cluster.setStatus(refOf(set), {
    observedGeneration: set.metadata.generation,
    replicas: left.length,
    fullyLabeledReplicas: left.length,
    readyReplicas: ready,
    availableReplicas: ready,
    ...(refusal ? { conditions: withCondition(cluster, set.status?.conditions, failure) } : {}),
  });
}
