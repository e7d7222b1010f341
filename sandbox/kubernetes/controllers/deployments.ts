import type { KubernetesObject } from '../../world';
import type { Cluster } from '../api-server/cluster';
import type { LabelSelector } from '../api-server/labels';
import type { Condition, PodTemplate } from '../api-server/pod';
import { refOf } from '../api-server/reference';
import { builtIn } from './built-in';
import { hashOf, ownerReference } from './pods-of';
import { withCondition } from './record';

interface DeploymentSpec {
  readonly replicas: number;
  readonly paused?: boolean;
  readonly progressDeadlineSeconds: number;
  readonly revisionHistoryLimit: number;
  readonly selector: LabelSelector;
  readonly template: PodTemplate;
  readonly strategy: {
    readonly type: string;
    readonly rollingUpdate?: { readonly maxSurge: number | string; readonly maxUnavailable: number | string };
  };
}

/** Counters and conditions as a ReplicaSet or Deployment shows them. */
interface Counts {
  readonly replicas?: number;
  readonly readyReplicas?: number;
  readonly conditions?: readonly Condition[];
}

const HASH = 'pod-template-hash';

/** Plays the Deployment controller: one ReplicaSet for each pod template, scaled up and down by the strategy. */
export const deployments = builtIn('deployment', (cluster) => {
  for (const deployment of cluster.list('apps', 'Deployment')) {
    if (!deployment.metadata.deletionTimestamp) reconcile(cluster, deployment);
  }
});

function reconcile(cluster: Cluster, deployment: KubernetesObject): void {
  const spec = deployment['spec'] as DeploymentSpec;
  const hash = hashOf(spec.template);
  const all = replicaSetsOf(cluster, deployment);
  let current = all.find((set) => set.metadata.labels?.[HASH] === hash);
  let old = all.filter((set) => set !== current);
  if (!current && !spec.paused) {
    const revision = 1 + Math.max(0, ...all.map(revisionOf));
    current = cluster.create(replicaSet(deployment, spec, hash, revision));
  }
  if (current && !spec.paused) {
    scale(cluster, spec, current, old);
    const latest = (set: KubernetesObject) => cluster.get(refOf(set)) ?? set;
    old = old.map(latest);
    prune(cluster, spec, old);
    const behind = Math.max(0, ...old.map(revisionOf));
    if (revisionOf(current) <= behind) setRevision(cluster, latest(current), behind + 1);
  }
  writeStatus(cluster, deployment, spec, current && cluster.get(refOf(current)), old);
}

function replicaSetsOf(cluster: Cluster, owner: KubernetesObject): KubernetesObject[] {
  return cluster
    .list('apps', 'ReplicaSet', owner.metadata.namespace)
    .filter((set) => set.metadata.ownerReferences?.some((reference) => reference.uid === owner.metadata.uid));
}

function replicaSet(owner: KubernetesObject, spec: DeploymentSpec, hash: string, revision: number): KubernetesObject {
  const { name, namespace } = owner.metadata;
  const labels = { ...spec.template.metadata?.labels, [HASH]: hash };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      labels,
      annotations: { 'deployment.kubernetes.io/revision': String(revision) },
      ownerReferences: [ownerReference(owner)],
    },
    spec: {
      replicas: 0,
      selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, [HASH]: hash } },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  };
}

/** One step of the strategy: never more than the surge above, never fewer ready than it allows. */
function scale(
  cluster: Cluster,
  spec: DeploymentSpec,
  current: KubernetesObject,
  old: readonly KubernetesObject[],
): void {
  const wanted = spec.replicas;
  const existing = old.reduce((sum, set) => sum + (counts(set).replicas ?? 0), 0);
  if (spec.strategy.type === 'Recreate') {
    for (const set of old) setReplicas(cluster, set, 0);
    if (existing === 0) setReplicas(cluster, current, wanted);
    return;
  }
  const surge = share(spec.strategy.rollingUpdate?.maxSurge, wanted, Math.ceil);
  const unavailable = share(spec.strategy.rollingUpdate?.maxUnavailable, wanted, Math.floor) || (surge ? 0 : 1);
  const asked = old.reduce((sum, set) => sum + replicasOf(set), 0);
  setReplicas(
    cluster,
    current,
    Math.max(Math.min(wanted, wanted + surge - asked), Math.min(wanted, replicasOf(current))),
  );

  const ready = [...old, current].reduce((sum, set) => sum + (counts(set).readyReplicas ?? 0), 0);
  let spare = ready - (wanted - unavailable);
  for (const set of old) {
    const sick = replicasOf(set) - (counts(set).readyReplicas ?? 0);
    const remove = Math.min(replicasOf(set), sick + Math.max(0, Math.min(spare, replicasOf(set) - sick)));
    spare -= Math.max(0, remove - sick);
    if (remove > 0) setReplicas(cluster, set, replicasOf(set) - remove);
  }
}

function share(value: number | string | undefined, of: number, round: (x: number) => number): number {
  const text = String(value ?? '25%');
  return text.endsWith('%') ? round((Number(text.slice(0, -1)) / 100) * of) : Number(text);
}

function prune(cluster: Cluster, spec: DeploymentSpec, old: readonly KubernetesObject[]): void {
  const empty = old
    .filter((set) => replicasOf(set) === 0 && !counts(set).replicas)
    .sort((a, b) => revisionOf(b) - revisionOf(a));
  for (const set of empty.slice(spec.revisionHistoryLimit)) cluster.delete(refOf(set));
}

function writeStatus(
  cluster: Cluster,
  deployment: KubernetesObject,
  spec: DeploymentSpec,
  current: KubernetesObject | undefined,
  old: readonly KubernetesObject[],
): void {
  const sets = [...old.flatMap((set) => cluster.get(refOf(set)) ?? []), ...(current ? [current] : [])];
  const total = (name: 'replicas' | 'readyReplicas') => sets.reduce((sum, set) => sum + (counts(set)[name] ?? 0), 0);
  const replicas = total('replicas');
  const ready = total('readyReplicas');
  const updated = (current && counts(current).replicas) ?? 0;
  const isComplete = updated === spec.replicas && replicas === spec.replicas && ready === spec.replicas;
  const before = deployment['status'] as (Counts & { observedGeneration?: number }) | undefined;
  const timer = `progress of ${deployment.metadata.uid}`;
  const sameRollout = before?.observedGeneration === deployment.metadata.generation;
  if (!sameRollout || isComplete) cluster.cancel(timer);

  const expired =
    (sameRollout && before?.conditions?.find(({ reason }) => reason === 'ProgressDeadlineExceeded')) || undefined;
  const what = current ? `ReplicaSet "${current.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
  const progressing: Condition = isComplete
    ? {
        type: 'Progressing',
        status: 'True',
        reason: 'NewReplicaSetAvailable',
        message: `${what} has successfully progressed.`,
      }
    : (expired ?? {
        type: 'Progressing',
        status: 'True',
        reason: 'ReplicaSetUpdated',
        message: `${what} is progressing.`,
      });
  const tolerated = share(spec.strategy.rollingUpdate?.maxUnavailable, spec.replicas, Math.floor);
  const available: Condition =
    ready >= spec.replicas - tolerated
      ? {
          type: 'Available',
          status: 'True',
          reason: 'MinimumReplicasAvailable',
          message: 'Deployment has minimum availability.',
        }
      : {
          type: 'Available',
          status: 'False',
          reason: 'MinimumReplicasUnavailable',
          message: 'Deployment does not have minimum availability.',
        };
  let conditions = withCondition(cluster, before?.conditions, available);
  conditions = withCondition(cluster, conditions, progressing).filter(({ type }) => type !== 'ReplicaFailure');
  const failure = current && counts(current).conditions?.find(({ type }) => type === 'ReplicaFailure');
  if (failure) conditions.push(failure);

  cluster.setStatus(refOf(deployment), {
    observedGeneration: deployment.metadata.generation,
    replicas,
    updatedReplicas: updated,
    readyReplicas: ready,
    availableReplicas: ready,
    ...(spec.replicas > ready ? { unavailableReplicas: Math.max(replicas, spec.replicas) - ready } : {}),
    conditions,
  });
  // Work, not routine: who waits for a rollout that hangs waits for this verdict.
  if (!isComplete && !expired && !spec.paused) {
    cluster.later(timer, spec.progressDeadlineSeconds, () => giveUp(cluster, deployment, what));
  }
}

function giveUp(cluster: Cluster, deployment: KubernetesObject, what: string): void {
  const now = cluster.get(refOf(deployment));
  const status = now?.['status'] as Counts | undefined;
  if (!now || now.metadata.uid !== deployment.metadata.uid) return;
  const message = `${what} has timed out progressing.`;
  const condition: Condition = { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message };
  cluster.setStatus(refOf(deployment), {
    ...status,
    conditions: withCondition(cluster, status?.conditions, condition),
  });
}

function setReplicas(cluster: Cluster, set: KubernetesObject, replicas: number): void {
  if (replicasOf(set) === replicas) return;
  cluster.apply({ ...set, spec: { ...(set['spec'] as object), replicas } });
}

function setRevision(cluster: Cluster, set: KubernetesObject, revision: number): void {
  const annotations = { ...set.metadata.annotations, 'deployment.kubernetes.io/revision': String(revision) };
  cluster.apply({ ...set, metadata: { ...set.metadata, annotations } });
}

function replicasOf(set: KubernetesObject): number {
  return (set['spec'] as { replicas: number }).replicas;
}

function revisionOf(set: KubernetesObject): number {
  return Number(set.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0);
}

function counts(set: KubernetesObject): Counts {
  return (set['status'] as Counts | undefined) ?? {};
}
