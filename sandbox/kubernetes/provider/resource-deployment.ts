import { ProviderError } from '../../protocol/behaviour';
import type { ClusterApi, ObjectRef } from '../api-server/api';
import { DEPLOYMENTS, REPLICA_SETS } from '../api-server/objects';
import { problemOf } from '../api-server/pod';
import { refTo } from '../api-server/reference';
import { podsOf } from '../controllers/pods-of';
import { type KubernetesResource, timeoutOf, until } from './resource';

/** `kubernetes_deployment_v1`: waits for its rollout, as the real one does by default. */
export const deployment: KubernetesResource = {
  types: ['kubernetes_deployment_v1', 'kubernetes_deployment'],
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  namespaced: true,
  noun: 'deployment',
  deleteTimeout: 600,
  async ready(cluster, ref, values, operation) {
    if (values['wait_for_rollout'] === false) return;
    let verdict: string | undefined = 'the rollout has not begun';
    const timeout = timeoutOf(values, operation, 600);
    const isOver = await until(cluster, timeout, () => {
      verdict = unfinished(cluster, ref);
      return verdict === undefined || verdict.includes('exceeded its progress deadline');
    });
    if (isOver && verdict === undefined) return;
    throw new ProviderError(verdict ?? '', reasonOf(cluster, ref));
  },
};

/** The real provider's message about what a rollout still waits for, or nothing when it is complete. */
function unfinished(cluster: ClusterApi, ref: ObjectRef): string | undefined {
  const object = cluster.get(refTo(DEPLOYMENTS, ref.name, ref.namespace));
  if (!object) return `deployments.apps "${ref.name}" not found`;
  const wanted = object.spec.replicas;
  const status = object.status ?? {};
  if ((status.observedGeneration ?? 0) < (object.metadata.generation ?? 0)) return 'Waiting for rollout to start';
  const isLate = status.conditions?.some(({ reason }) => reason === 'ProgressDeadlineExceeded');
  if (isLate) return `Deployment "${ref.name}" exceeded its progress deadline`;
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  if (updatedReplicas < wanted) {
    return `Waiting for rollout to finish: ${updatedReplicas} out of ${wanted} new replicas have been updated...`;
  }
  if (replicas > updatedReplicas) {
    return `Waiting for rollout to finish: ${replicas - updatedReplicas} old replicas are pending termination...`;
  }
  if (availableReplicas < updatedReplicas) {
    return `Waiting for rollout to finish: ${availableReplicas} of ${updatedReplicas} updated replicas are available...`;
  }
  return undefined;
}

/** What its pods say about why they do not run; the real provider leaves that to kubectl. */
function reasonOf(cluster: ClusterApi, ref: ObjectRef): string {
  const object = cluster.get(refTo(DEPLOYMENTS, ref.name, ref.namespace));
  const failure = object?.status?.conditions?.find(({ type }) => type === 'ReplicaFailure');
  if (failure) return `${failure.reason}: ${failure.message}`;
  const sets = cluster.list(REPLICA_SETS, ref.namespace).filter((set) => owns(object?.metadata.uid, set));
  const pods = sets.flatMap((set) => podsOf(cluster, set));
  return pods.flatMap((pod) => problemOf(pod) ?? []).map((problem) => `pod of ${ref.name}: ${problem}`)[0] ?? '';
}

function owns(uid: string | undefined, { metadata }: { metadata: { ownerReferences?: { uid: string }[] } }): boolean {
  return metadata.ownerReferences?.some((owner) => owner.uid === uid) ?? false;
}
