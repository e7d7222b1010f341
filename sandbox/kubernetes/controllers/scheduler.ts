import type { ClusterApi } from '../api-server/api';
import { matchesSelector } from '../api-server/labels';
import { CLAIMS, type Claim, NODES, PODS, STORAGE_CLASSES, VOLUMES } from '../api-server/objects';
import type { Pod, PodSpec } from '../api-server/pod';
import { parseQuantity } from '../api-server/quantity';
import { refOf, refTo } from '../api-server/reference';
import { builtIn } from './built-in';
import { allocatable } from './node';
import { record, withCondition } from './record';

/** Annotation that tells the provisioner which node the scheduler chose for a waiting claim's pod. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

/** Simulates the scheduler for the one node: binds pods that fit, and reports why others do not. */
export const scheduler = builtIn('scheduler', (cluster) => {
  for (const pod of cluster.list(PODS)) {
    if (pod.spec.nodeName || pod.metadata.deletionTimestamp) continue;
    const reason = unschedulable(cluster, pod);
    const condition = reason
      ? ({ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: reason } as const)
      : ({ type: 'PodScheduled', status: 'True' } as const);
    if (reason) record(cluster, pod, 'Warning', 'FailedScheduling', reason);
    else cluster.apply({ ...pod, spec: { ...pod.spec, nodeName: cluster.data.nodeName } });
    const conditions = withCondition(cluster, pod.status?.conditions, condition);
    cluster.setStatus(refOf(pod), { ...pod.status, phase: 'Pending', conditions });
  }
});

/** Requests of a pod as the scheduler counts them: all containers together, or the largest init container. */
function requestsOf(spec: PodSpec, resource: 'cpu' | 'memory'): number {
  const ask = ({ resources }: PodSpec['containers'][number]) =>
    parseQuantity(resources?.requests?.[resource] ?? resources?.limits?.[resource] ?? '0');
  const running = spec.containers.reduce((sum, container) => sum + ask(container), 0);
  return Math.max(running, ...(spec.initContainers ?? []).map(ask));
}

function unschedulable(cluster: ClusterApi, pod: Pod): string | undefined {
  const claims = claimsOf(pod);
  for (const name of claims) {
    const claim = getClaim(cluster, pod, name);
    if (!claim) return `persistentvolumeclaim "${name}" not found`;
    const reason = unbound(cluster, claim);
    if (reason) return reason;
  }
  const reasons = [
    ...new Set([...nodeReasons(cluster, pod), ...claims.flatMap((name) => volumeReason(cluster, pod, name))]),
  ];
  if (reasons.length) {
    return `0/1 nodes are available: ${reasons.map((reason) => `1 ${reason}`).join(', ')}. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.`;
  }
  const waiting = claims
    .flatMap((name) => getClaim(cluster, pod, name) ?? [])
    .filter((claim) => claim.status?.phase !== 'Bound');
  for (const claim of waiting) {
    const annotations = { ...claim.metadata.annotations, [SELECTED_NODE]: cluster.data.nodeName };
    cluster.apply({ ...claim, metadata: { ...claim.metadata, annotations } });
  }
  return waiting.length
    ? `waiting for volumes of claims ${waiting.map((claim) => claim.metadata.name).join(', ')} to be provisioned`
    : undefined;
}

function nodeReasons(cluster: ClusterApi, pod: Pod): string[] {
  const node = cluster.get(refTo(NODES, cluster.data.nodeName));
  if (!node) return ['node(s) were not registered'];
  const terms = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const labels = node.metadata.labels;
  const isWanted =
    matchesSelector({ matchLabels: pod.spec.nodeSelector }, labels) &&
    (!terms || terms.some((term) => matchesSelector(term, labels)));
  const others = cluster
    .list(PODS)
    .filter((other) => other.spec.nodeName && !['Succeeded', 'Failed'].includes(other.status?.phase ?? ''));
  const room = allocatable(cluster.host);
  const lacks = (resource: 'cpu' | 'memory') =>
    others.reduce((sum, other) => sum + requestsOf(other.spec, resource), requestsOf(pod.spec, resource)) >
    room[resource];
  return [
    ...(isWanted ? [] : ["node(s) didn't match Pod's node affinity/selector"]),
    ...(lacks('cpu') ? ['Insufficient cpu'] : []),
    ...(lacks('memory') ? ['Insufficient memory'] : []),
  ];
}

function volumeReason(cluster: ClusterApi, pod: Pod, name: string): string[] {
  const claim = getClaim(cluster, pod, name);
  const volumeName = claim?.spec.volumeName;
  const volume = volumeName && cluster.get(refTo(VOLUMES, volumeName));
  if (!volume) return [];
  const labels = cluster.get(refTo(NODES, cluster.data.nodeName))?.metadata.labels;
  const terms = volume.spec.nodeAffinity?.required?.nodeSelectorTerms;
  return !terms || terms.some((term) => matchesSelector(term, labels))
    ? []
    : ['node(s) had volume node affinity conflict'];
}

/** Why a claim cannot be waited for: only a class that waits for its first consumer binds after scheduling. */
function unbound(cluster: ClusterApi, claim: Claim): string | undefined {
  if (claim.status?.phase === 'Bound') return undefined;
  if (claim.status?.phase === 'Lost')
    return `persistentvolumeclaim "${claim.metadata.name}" bound to non-existent persistentvolume`;
  const name = claim.spec.storageClassName;
  const storageClass = name && cluster.get(refTo(STORAGE_CLASSES, name));
  if (storageClass && storageClass.volumeBindingMode === 'WaitForFirstConsumer') return undefined;
  const why = claim.status?.conditions?.[0]?.message;
  return `pod has unbound immediate PersistentVolumeClaims (${claim.metadata.name}${why ? `: ${why}` : ''})`;
}

function claimsOf(pod: Pod): string[] {
  return (pod.spec.volumes ?? []).flatMap((volume) => volume.persistentVolumeClaim?.claimName ?? []);
}

function getClaim(cluster: ClusterApi, pod: Pod, name: string): Claim | undefined {
  return cluster.get(refTo(CLAIMS, name, pod.metadata.namespace));
}
