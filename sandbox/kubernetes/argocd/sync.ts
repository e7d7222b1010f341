import { messageOf } from '../../errors';
import type { ClusterApi } from '../api-server/api';
import { toSeconds } from '../api-server/duration';
import { refOf } from '../api-server/reference';
import {
  type Application,
  current,
  hasOption,
  isConfirmed,
  type OperationState,
  patchStatus,
  type ResourceResult,
} from './application';
import { type Comparison, compare, type Desired, missingNamespace } from './compare';
import { healthOf } from './health';
import type { Project } from './project';
import type { Build } from './render';
import { names, result } from './result';

/** Seconds of one step of a sync: dry run, one wave, the check of its health. An estimate. */
const STEP_SECONDS = 2;
/** Entries of `status.history` that Argo CD keeps. */
const HISTORY = 10;
/** Attempts after the first when Argo CD started the sync itself and the Application does not say. */
const RETRIES = 5;

/** What to sync and how. */
export interface SyncRequest {
  readonly build: Build;
  /** Builds the newest revision, for a retry that asks for it. */
  readonly latest: () => Promise<Build>;
  readonly project: Project;
  readonly automated: boolean;
  readonly prune: boolean;
  /** Limits it to these resources, as self-heal does. */
  readonly only?: (desired: Desired) => boolean;
  /** Seconds before it starts. Routine waits do not pull the clock. */
  readonly delay?: { readonly seconds: number; readonly kind: 'work' | 'routine' };
}

/**
 * One sync of one Application: prunes, then applies wave by wave, waiting for health between waves. It continues without further calls
 * in simulated time; while it waits for something in the cluster it continues at the next `poke`.
 */
export class Sync {
  private results: ResourceResult[] = [];
  private build: Build;
  private comparison: Comparison;
  private waves: Desired[][] = [];
  private next = 0;
  private isPruned = false;
  private retries = 0;
  private startedAt = '';
  private cancel: (() => void) | undefined;
  /** Set while it waits to be tried again. */
  private retryAt: number | undefined;
  private isOver = false;

  constructor(
    private readonly cluster: ClusterApi,
    private readonly app: Application,
    private readonly request: SyncRequest,
  ) {
    this.build = request.build;
    this.comparison = compare(cluster, app, this.build);
    this.after(request.delay?.seconds ?? 0, () => this.start(), request.delay?.kind);
  }

  /** Whether it has ended or was given up. */
  get ended(): boolean {
    return this.isOver;
  }

  /** Continues, if what it waits for has happened. @param revision - the newest one that Argo CD has noticed. */
  poke(revision: string): void {
    if (this.isOver) return;
    if (!this.cancel) this.step();
    else if (this.retryAt !== undefined && this.refreshes && revision !== this.build.revision) {
      // Something will come of this retry, so it pulls the clock.
      const { clock } = this.cluster.world;
      this.cancel();
      this.after(Math.max(0, this.retryAt - clock.now()) / 1000, () => this.retry());
    }
  }

  /** Gives it up where it is. */
  drop(): void {
    this.cancel?.();
    this.isOver = true;
  }

  private start(): void {
    const app = current(this.cluster, this.app);
    if (!app || !this.cluster.host.answers) {
      this.drop();
      return;
    }
    this.comparison = compare(this.cluster, app, this.build);
    const desired = [
      ...missingNamespace(this.cluster, app, this.comparison),
      ...this.comparison.desired.filter(this.request.only ?? (() => true)),
    ];
    this.waves = [...new Set(desired.map(({ wave }) => wave))].map((wave) =>
      desired.filter((one) => one.wave === wave),
    );
    this.results = [];
    this.next = 0;
    this.isPruned = false;
    this.startedAt ||= this.cluster.world.clock.iso();
    this.report('Running', 'one or more tasks are running');
    this.after(STEP_SECONDS, () => this.begin());
  }

  private begin(): void {
    const refused = this.waves.flat().flatMap((desired) => {
      const { ref } = desired;
      const why = desired.known
        ? this.request.project.refusal(ref, desired.namespaced)
        : `The Kubernetes API could not find ${ref.group}/${ref.kind} for requested resource ${ref.namespace ?? ''}/${ref.name}. Make sure the "${ref.kind}" CRD is installed on the destination cluster.`;
      return why ? [result(desired.object, 'SyncFailed', why)] : [];
    });
    if (refused.length === 0) {
      this.step();
      return;
    }
    this.results = refused;
    this.fail(`one or more synchronization tasks are not valid: ${refused[0]?.message}`);
  }

  private step(): void {
    const app = current(this.cluster, this.app);
    if (!app || app.metadata.deletionTimestamp || !this.cluster.host.answers) this.drop();
    else if (this.prune(app) && this.isLastWaveHealthy()) this.advance(app);
  }

  private advance(app: Application): void {
    const wave = this.waves[this.next++];
    if (!wave) {
      this.succeed(app);
      return;
    }
    const applied = wave.map((desired) => this.apply(desired));
    this.results.push(...applied);
    const failed = applied.find(({ status }) => status === 'SyncFailed');
    if (failed) this.fail(`one or more objects failed to apply, reason: ${failed.message}`);
    else this.after(STEP_SECONDS, () => this.step());
  }

  /** Deletes what Git no longer asks for. @returns false while it waits for a confirmation. */
  private prune(app: Application): boolean {
    if (this.isPruned) return true;
    const { extra } = this.comparison;
    const deletable = this.request.prune ? extra.filter((object) => !hasOption(object, 'Prune=false')) : [];
    const isCareful = app.spec.syncPolicy?.syncOptions?.includes('Prune=confirm');
    const unsure = deletable.filter((object) => isCareful || hasOption(object, 'Prune=confirm'));
    if (unsure.length && !isConfirmed(app, this.startedAt)) {
      this.report('Running', `waiting for pruning confirmation of ${names(unsure)}`);
      return false;
    }
    this.isPruned = true;
    for (const object of extra) {
      const isDeleted = deletable.includes(object);
      if (isDeleted && this.cluster.get(refOf(object))) this.cluster.delete(refOf(object));
      this.results.push(
        result(object, isDeleted ? 'Pruned' : 'PruneSkipped', isDeleted ? 'pruned' : 'ignored (no prune)'),
      );
    }
    return true;
  }

  /**
   * Between waves Argo CD waits for health; after the last one it does not, whatever becomes of it. Source: Argo CD,
   * gitops-engine/pkg/sync/sync_context.go.
   */
  private isLastWaveHealthy(): boolean {
    const wave = this.next < this.waves.length ? (this.waves[this.next - 1] ?? []) : [];
    const live = wave.flatMap(({ ref }) => this.cluster.get(ref) ?? []);
    const degraded = live.find((object) => healthOf(object, this.cluster)?.status === 'Degraded');
    if (degraded) {
      this.fail(`${names([degraded])} is degraded: ${healthOf(degraded, this.cluster)?.message ?? ''}`);
      return false;
    }
    const waiting = live.filter((object) => (healthOf(object, this.cluster)?.status ?? 'Healthy') !== 'Healthy');
    if (waiting.length) this.report('Running', `waiting for healthy state of ${names(waiting)}`);
    return waiting.length === 0;
  }

  private apply({ object, ref }: Desired): ResourceResult {
    try {
      const before = this.cluster.get(ref)?.metadata.resourceVersion;
      const after = this.cluster.apply(object).metadata.resourceVersion;
      const verb = before === undefined ? 'created' : before === after ? 'unchanged' : 'configured';
      return result(
        object,
        'Synced',
        `${ref.kind.toLowerCase()}${ref.group ? `.${ref.group}` : ''}/${ref.name} ${verb}`,
      );
    } catch (error) {
      return result(object, 'SyncFailed', messageOf(error));
    }
  }

  private succeed(app: Application): void {
    this.report('Succeeded', 'successfully synced (all tasks run)');
    this.drop();
    if (this.request.only) return;
    const history = app.status?.history ?? [];
    const entry = {
      id: (history.at(-1)?.id ?? -1) + 1,
      revision: this.build.revision,
      source: app.spec.source,
      deployStartedAt: this.startedAt,
      deployedAt: this.cluster.world.clock.iso(),
      initiatedBy: this.request.automated ? { automated: true } : {},
    };
    patchStatus(this.cluster, this.app, { history: [...history, entry].slice(-HISTORY) });
  }

  private fail(message: string): void {
    const { retry } = this.app.spec.syncPolicy ?? {};
    const limit = retry?.limit ?? (this.request.automated ? RETRIES : 0);
    if (this.retries >= limit && limit >= 0) {
      this.report('Failed', this.retries ? `${message} (retried ${this.retries} times)` : message);
      this.drop();
      return;
    }
    const { duration = '5s', factor = 2, maxDuration = '3m' } = retry?.backoff ?? {};
    const seconds = Math.min(toSeconds(duration) * factor ** this.retries, toSeconds(maxDuration));
    this.retries++;
    this.report('Running', `${message}. Retrying attempt #${this.retries} in ${seconds} s`);
    this.retryAt = this.cluster.world.clock.now() + seconds * 1000;
    // Endless retries (limit -1) must not keep the sandbox busy for ever.
    this.after(seconds, () => this.retry(), this.retries > RETRIES ? 'routine' : 'work');
  }

  private get refreshes(): boolean {
    return this.app.spec.syncPolicy?.retry?.refresh === true;
  }

  /**
   * Without `retry.refresh` a sync that has begun stays with its revision, whatever is pushed meanwhile. Source: argo-cd
   * v3.4.4, controller/appcontroller.go, processRequestedAppOperation.
   */
  private async retry(): Promise<void> {
    this.retryAt = undefined;
    try {
      if (this.refreshes) this.build = await this.request.latest();
      this.start();
    } catch (error) {
      this.fail(messageOf(error));
    }
  }

  private report(phase: OperationState['phase'], message: string): void {
    const { automated, prune } = this.request;
    const { revision } = this.build;
    const { clock } = this.cluster.world;
    const operationState: OperationState = {
      operation: { sync: { revision, prune }, initiatedBy: automated ? { automated: true } : {} },
      phase,
      message,
      startedAt: this.startedAt,
      ...(phase === 'Running' ? {} : { finishedAt: clock.iso() }),
      ...(this.retries ? { retryCount: this.retries } : {}),
      syncResult: {
        revision,
        source: this.app.spec.source as NonNullable<Application['spec']['source']>,
        resources: this.results,
      },
    };
    patchStatus(this.cluster, this.app, { operationState });
  }

  private after(seconds: number, step: () => void | Promise<void>, kind: 'work' | 'routine' = 'work'): void {
    const fire = () => {
      this.cancel = undefined;
      return this.isOver ? undefined : step();
    };
    this.cancel = this.cluster.world.clock.after(seconds, fire, kind);
  }
}
