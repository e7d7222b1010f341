import type { ClusterApi } from '../api-server/api';
import { DAEMON_SETS, type DaemonSet } from '../api-server/objects';
import { isReady } from '../api-server/pod';
import { refOf } from '../api-server/reference';
import { builtIn } from './built-in';
import { hashOf, makePod, podsOf } from './pods-of';

const HASH = 'controller-revision-hash';

/** Simulates the DaemonSet controller on the one node: one pod, replaced when the template changes. */
export const daemonSets = builtIn('daemonset', (cluster) => {
  for (const set of cluster.list(DAEMON_SETS)) if (!set.metadata.deletionTimestamp) reconcile(cluster, set);
});

function reconcile(cluster: ClusterApi, set: DaemonSet): void {
  const { template } = set.spec;
  const revision = hashOf(template);
  for (const pod of podsOf(cluster, set)) if (pod.metadata.labels?.[HASH] !== revision) cluster.delete(refOf(pod));
  const name = `${set.metadata.name}-${hashOf([set.metadata.uid, revision]).slice(0, 5)}`;
  const isThere = podsOf(cluster, set).length > 0;
  const refusal = isThere ? undefined : makePod(cluster, set, template, { name, labels: { [HASH]: revision } });

  const pods = podsOf(cluster, set);
  const ready = pods.filter(isReady).length;
  cluster.setStatus(refOf(set), {
    observedGeneration: set.metadata.generation,
    desiredNumberScheduled: 1,
    currentNumberScheduled: pods.length,
    updatedNumberScheduled: pods.length,
    numberMisscheduled: 0,
    numberReady: ready,
    numberAvailable: ready,
    ...(ready ? {} : { numberUnavailable: 1 }),
    ...(refusal
      ? { conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: refusal }] }
      : {}),
  });
}
