import type { Cluster } from '../api-server/cluster';
import { DEPLOYMENTS, type Deployment, REPLICA_SETS, type ReplicaSet } from '../api-server/objects';
import type { Condition } from '../api-server/pod';
import { refOf } from '../api-server/reference';
import { builtIn } from './built-in';
import { hashOf, ownerReference } from './pods-of';
import { withCondition } from './record';

const HASH = 'pod-template-hash';
const REVISION = 'deployment.kubernetes.io/revision';

/** Simulates the Deployment controller: one ReplicaSet for each pod template, scaled up and down by the strategy. */
export const deployments = builtIn('deployment', (cluster) => {
  for (const deployment of cluster.list(DEPLOYMENTS)) {
    if (!deployment.metadata.deletionTimestamp) new Rollout(cluster, deployment).step();
  }
});

/** What a Deployment has of its pods, over all ReplicaSets. */
interface Totals {
  readonly replicas: number;
  readonly ready: number;
  readonly updated: number;
}

/** One Deployment with its ReplicaSets, as they are now. */
class Rollout {
  private current: ReplicaSet | undefined;
  private old: readonly ReplicaSet[];

  constructor(
    private readonly cluster: Cluster,
    private readonly deployment: Deployment,
  ) {
    const hash = hashOf(deployment.spec.template);
    const all = cluster.list(REPLICA_SETS, deployment.metadata.namespace).filter((set) => owns(deployment, set));
    this.current = all.find((set) => set.metadata.labels?.[HASH] === hash);
    this.old = all.filter((set) => set !== this.current);
  }

  /** Does what may be done now, and writes the status. */
  step(): void {
    if (!this.deployment.spec.paused) {
      this.current ??= this.cluster.create(this.replicaSet());
      this.scale(this.current);
      this.current = this.latest(this.current);
      this.old = this.old.map((set) => this.latest(set));
      this.prune();
      const behind = Math.max(0, ...this.old.map(revisionOf));
      if (revisionOf(this.current) <= behind) this.setRevision(this.current, behind + 1);
    }
    this.writeStatus(this.current && this.cluster.get(refOf(this.current)));
  }

  private latest(set: ReplicaSet): ReplicaSet {
    return this.cluster.get(refOf(set)) ?? set;
  }

  private replicaSet(): ReplicaSet {
    const { metadata, spec } = this.deployment;
    const hash = hashOf(spec.template);
    const labels = { ...spec.template.metadata?.labels, [HASH]: hash };
    return {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `${metadata.name}-${hash}`,
        namespace: metadata.namespace,
        labels,
        annotations: { [REVISION]: String(1 + Math.max(0, ...this.old.map(revisionOf))) },
        ownerReferences: [ownerReference(this.deployment)],
      },
      spec: {
        replicas: 0,
        selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, [HASH]: hash } },
        template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
      },
    };
  }

  /** One step of the strategy: never more than the surge above, never fewer ready than it allows. */
  private scale(current: ReplicaSet): void {
    const { replicas: wanted, strategy } = this.deployment.spec;
    if (strategy.type === 'Recreate') {
      const existing = sum(this.old, ({ status }) => status?.replicas);
      for (const set of this.old) this.setReplicas(set, 0);
      if (existing === 0) this.setReplicas(current, wanted);
      return;
    }
    const surge = share(strategy.rollingUpdate?.maxSurge, wanted, Math.ceil);
    const unavailable = share(strategy.rollingUpdate?.maxUnavailable, wanted, Math.floor) || (surge ? 0 : 1);
    const room = wanted + surge - sum(this.old, ({ spec }) => spec.replicas);
    const least = Math.min(wanted, current.spec.replicas);
    this.setReplicas(current, Math.max(Math.min(wanted, room), least));

    let spare = sum([...this.old, current], ({ status }) => status?.readyReplicas) - (wanted - unavailable);
    for (const set of this.old) {
      const { replicas } = set.spec;
      const unready = replicas - (set.status?.readyReplicas ?? 0);
      const remove = Math.min(replicas, unready + Math.max(0, Math.min(spare, replicas - unready)));
      spare -= Math.max(0, remove - unready);
      if (remove > 0) this.setReplicas(set, replicas - remove);
    }
  }

  private prune(): void {
    const empty = this.old
      .filter(({ spec, status }) => spec.replicas === 0 && !status?.replicas)
      .sort((a, b) => revisionOf(b) - revisionOf(a));
    for (const set of empty.slice(this.deployment.spec.revisionHistoryLimit)) this.cluster.delete(refOf(set));
  }

  private writeStatus(current: ReplicaSet | undefined): void {
    const { metadata, spec, status: before } = this.deployment;
    const sets = [...this.old.flatMap((set) => this.cluster.get(refOf(set)) ?? []), ...(current ? [current] : [])];
    const totals = {
      replicas: sum(sets, ({ status }) => status?.replicas),
      ready: sum(sets, ({ status }) => status?.readyReplicas),
      updated: current?.status?.replicas ?? 0,
    };
    const isComplete = [totals.updated, totals.replicas, totals.ready].every((count) => count === spec.replicas);
    const isSame = before?.observedGeneration === metadata.generation;
    const timer = `progress of ${metadata.uid}`;
    if (!isSame || isComplete) this.cluster.cancel(timer);
    const late = isSame ? before?.conditions?.find(({ reason }) => reason === 'ProgressDeadlineExceeded') : undefined;
    const what = current ? `ReplicaSet "${current.metadata.name}"` : `Deployment "${metadata.name}"`;
    const progress = isComplete ? progressed(what) : (late ?? progressing(what));
    this.cluster.setStatus(refOf(this.deployment), {
      observedGeneration: metadata.generation,
      replicas: totals.replicas,
      updatedReplicas: totals.updated,
      readyReplicas: totals.ready,
      availableReplicas: totals.ready,
      ...(spec.replicas > totals.ready
        ? { unavailableReplicas: Math.max(totals.replicas, spec.replicas) - totals.ready }
        : {}),
      conditions: this.conditionsOf(totals, progress, current),
    });
    // Work, not routine: whoever waits for a rollout that hangs waits for this verdict.
    if (!isComplete && !late && !spec.paused) {
      this.cluster.later(timer, spec.progressDeadlineSeconds, () => this.giveUp(what));
    }
  }

  private conditionsOf({ ready }: Totals, progress: Condition, current: ReplicaSet | undefined): Condition[] {
    const { spec, status } = this.deployment;
    const tolerated = share(spec.strategy.rollingUpdate?.maxUnavailable, spec.replicas, Math.floor);
    const available = ready >= spec.replicas - tolerated ? AVAILABLE : UNAVAILABLE;
    const conditions = [available, progress].reduce(
      (all, one) => withCondition(this.cluster, all, one),
      status?.conditions ?? [],
    );
    const failure = current?.status?.conditions?.find(({ type }) => type === 'ReplicaFailure');
    return [...conditions.filter(({ type }) => type !== 'ReplicaFailure'), ...(failure ? [failure] : [])];
  }

  private giveUp(what: string): void {
    const now = this.cluster.get(refOf(this.deployment));
    if (!now || now.metadata.uid !== this.deployment.metadata.uid) return;
    const message = `${what} has timed out progressing.`;
    const condition: Condition = { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message };
    const conditions = withCondition(this.cluster, now.status?.conditions, condition);
    this.cluster.setStatus(refOf(now), { ...now.status, conditions });
  }

  private setReplicas(set: ReplicaSet, replicas: number): void {
    if (set.spec.replicas === replicas) return;
    this.cluster.apply({ ...set, spec: { ...set.spec, replicas } });
  }

  private setRevision(set: ReplicaSet, revision: number): void {
    const annotations = { ...set.metadata.annotations, [REVISION]: String(revision) };
    this.cluster.apply({ ...set, metadata: { ...set.metadata, annotations } });
  }
}

const AVAILABLE: Condition = {
  type: 'Available',
  status: 'True',
  reason: 'MinimumReplicasAvailable',
  message: 'Deployment has minimum availability.',
};
const UNAVAILABLE: Condition = {
  type: 'Available',
  status: 'False',
  reason: 'MinimumReplicasUnavailable',
  message: 'Deployment does not have minimum availability.',
};

function progressed(what: string): Condition {
  const message = `${what} has successfully progressed.`;
  return { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', message };
}

function progressing(what: string): Condition {
  return { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', message: `${what} is progressing.` };
}

function owns({ metadata: { uid } }: Deployment, set: ReplicaSet): boolean {
  return set.metadata.ownerReferences?.some((reference) => reference.uid === uid) ?? false;
}

function sum(sets: readonly ReplicaSet[], of: (set: ReplicaSet) => number | undefined): number {
  return sets.reduce((total, set) => total + (of(set) ?? 0), 0);
}

function share(value: number | string | undefined, of: number, round: (x: number) => number): number {
  const text = String(value ?? '25%');
  return text.endsWith('%') ? round((Number(text.slice(0, -1)) / 100) * of) : Number(text);
}

function revisionOf(set: ReplicaSet): number {
  return Number(set.metadata.annotations?.[REVISION] ?? 0);
}
