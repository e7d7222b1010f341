import { messageOf } from '../../errors';
import type { GitRemotes } from '../../git/remotes';
import type { ClusterApi, Controller } from '../api-server/api';
import { toSeconds } from '../api-server/duration';
import type { Kind } from '../api-server/kind';
import { DEPLOYMENTS, STATEFUL_SETS } from '../api-server/objects';
import { APPLICATIONS, type Application, type ApplicationStatus, current, patchStatus, settings } from './application';
import { autoSync, type SyncMemory } from './autosync';
import { cascade } from './cascade';
import { compare } from './compare';
import { overall } from './health';
import { makeDefaultProject, Project } from './project';
import { type Build, RepoServer } from './render';
import { refuseUnreadable } from './repository-credentials';

const REFRESH = 'argocd.argoproj.io/refresh';

interface Memory extends SyncMemory {
  /** Set while a push is on its way to be noticed. */
  notice?: () => void;
  isDue?: boolean;
  /** Head of the remote at the last check. */
  head?: string | undefined;
}

/** Simulates Argo CD while its application controller and repo server run: builds, compares, syncs, prunes, heals, deletes. */
export class ArgoCd implements Controller {
  readonly name = 'argo-cd';
  private readonly repo: RepoServer;
  private readonly memories = new Map<ClusterApi, Map<string, Memory>>();
  private readonly turns = new WeakMap<ClusterApi, Promise<void>>();

  constructor(private readonly remotes: GitRemotes) {
    this.repo = new RepoServer(remotes);
  }

  reconcile(cluster: ClusterApi): Promise<void> {
    const turn = (this.turns.get(cluster) ?? Promise.resolve()).then(() =>
      cluster.world.clock.busy(() => this.reconcileAll(cluster)),
    );
    this.turns.set(cluster, turn);
    return turn;
  }

  /**
   * Checks the remotes every `milliseconds` of real time, so that a push is noticed though nothing in the cluster
   * changed. Returns a function that ends it.
   */
  watch(milliseconds: number): () => void {
    const timer = setInterval(() => this.look().catch(() => undefined), milliseconds).unref();
    return () => clearInterval(timer);
  }

  private async look(): Promise<void> {
    for (const cluster of this.memories.keys()) {
      if (!cluster.host.answers) continue;
      for (const app of cluster.list(APPLICATIONS)) {
        const memory = this.memory(cluster, app);
        const head = app.spec.source && (await this.repo.head(app.spec.source));
        if (head !== memory.head && !memory.notice) await this.reconcile(cluster);
      }
    }
  }

  private async reconcileAll(cluster: ClusterApi): Promise<void> {
    const namespaces = installations(cluster);
    const apps = namespaces.flatMap((namespace) => cluster.list(APPLICATIONS, namespace));
    this.dropUnserved(cluster, apps);
    for (const namespace of namespaces) makeDefaultProject(cluster, namespace);
    for (const app of apps) {
      if (app.metadata.deletionTimestamp) cascade(cluster, app);
      else await this.reconcileOne(cluster, app, this.memory(cluster, app));
    }
  }

  /** Drops what is under way for Applications that are not served any more. */
  private dropUnserved(cluster: ClusterApi, apps: readonly Application[]): void {
    const served = new Set(apps.filter((app) => !app.metadata.deletionTimestamp).map(({ metadata }) => metadata.uid));
    for (const [uid, memory] of this.memories.get(cluster) ?? []) {
      if (served.has(uid)) continue;
      memory.sync?.drop();
      memory.notice?.();
      this.memories.get(cluster)?.delete(uid);
    }
  }

  private async reconcileOne(cluster: ClusterApi, app: Application, memory: Memory): Promise<void> {
    try {
      const project = Project.of(cluster, app);
      const problems = project.problems(app);
      if (problems.length) throw new Refusal('InvalidSpecError', problems);
      const build = await this.build(cluster, app, memory);
      const now = current(cluster, app);
      if (!now) return;
      this.publish(cluster, now, build, project, memory);
    } catch (error) {
      const { type, messages } =
        error instanceof Refusal
          ? error
          : new Refusal(isMissingProject(error) ? 'InvalidSpecError' : 'ComparisonError', [messageOf(error)]);
      const { source, destination } = app.spec;
      patchStatus(cluster, app, {
        sync: { ...app.status?.sync, status: 'Unknown', comparedTo: { source, destination } },
        health: app.status?.health ?? { status: 'Unknown' },
        conditions: stamped(
          cluster,
          app,
          messages.map((message) => ({ type, message })),
        ),
      });
    } finally {
      clearRefresh(cluster, app);
    }
  }

  /** Builds what Argo CD has noticed so far: a push comes to its knowledge a while later. */
  private async build(cluster: ClusterApi, app: Application, memory: Memory): Promise<Build> {
    const { source, destination } = app.spec;
    const seen = app.status?.sync;
    const isSame = JSON.stringify(seen?.comparedTo) === JSON.stringify({ source, destination });
    refuseUnreadable(cluster, app, this.remotes);
    const head = await this.repo.head(source as NonNullable<typeof source>);
    memory.head = head;
    const isNews = head !== seen?.revision;
    const isAsked = app.metadata.annotations?.[REFRESH] !== undefined || memory.isDue;
    if (!isNews || isAsked || !isSame) {
      memory.notice?.();
      memory.notice = undefined;
      memory.isDue = false;
    } else if (!memory.notice) {
      memory.notice = cluster.world.clock.after(noticeSeconds(cluster), () => {
        memory.notice = undefined;
        memory.isDue = true;
        return this.reconcile(cluster);
      });
    }
    const isUnnoticed = memory.notice !== undefined && seen?.revision;
    const revision = isUnnoticed ? seen.revision : undefined;
    return this.repo.build(source as NonNullable<typeof source>, targetOf(app), revision);
  }

  private publish(cluster: ClusterApi, app: Application, build: Build, project: Project, memory: Memory): void {
    const comparison = compare(cluster, app, build);
    const { source, destination } = app.spec;
    const latest = () => this.repo.build(source as NonNullable<typeof source>, targetOf(app));
    const images = new Set(JSON.stringify(build.objects).match(/(?<="image":")[^"]+/g));
    patchStatus(cluster, app, {
      sync: { status: comparison.status, revision: build.revision, comparedTo: { source, destination } },
      health: overall(comparison.resources.filter(({ requiresPruning }) => !requiresPruning)),
      resources: comparison.resources,
      sourceType: build.sourceType,
      summary: { images: [...images].sort() },
    });
    const conditions = comparison.shared.map((message) => ({ type: 'SharedResourceWarning', message }));
    if (memory.sync && !memory.sync.ended) memory.sync.poke(build.revision);
    else conditions.push(...autoSync(cluster, app, { build, latest, project, comparison }, memory));
    patchStatus(cluster, app, { conditions: stamped(cluster, app, conditions) });
  }

  private memory(cluster: ClusterApi, app: Application): Memory {
    const ofCluster = this.memories.get(cluster) ?? new Map<string, Memory>();
    this.memories.set(cluster, ofCluster);
    const uid = app.metadata.uid ?? '';
    const memory = ofCluster.get(uid) ?? {};
    ofCluster.set(uid, memory);
    return memory;
  }
}

function targetOf({ metadata, spec }: Application) {
  return { name: metadata.name, namespace: spec.destination.namespace ?? '' };
}

class Refusal extends Error {
  constructor(
    readonly type: string,
    readonly messages: readonly string[],
  ) {
    super(messages.join('; '));
  }
}

function isMissingProject(error: unknown): boolean {
  return messageOf(error).startsWith('Application referencing project');
}

/** Namespaces in which both an application controller and a repo server run. */
function installations(cluster: ClusterApi): string[] {
  if (!cluster.host.answers) return [];
  const running = (kind: Kind, label: string) =>
    cluster
      .list(kind)
      .filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/name'] === label)
      .filter(({ metadata }) => cluster.workloadRuns(metadata.namespace ?? '', metadata.name))
      .map(({ metadata }) => metadata.namespace ?? '');
  const servers = running(DEPLOYMENTS, 'argocd-repo-server');
  return running(STATEFUL_SETS, 'argocd-application-controller').filter((namespace) => servers.includes(namespace));
}

/** Conditions with the time since which they hold. */
function stamped(
  cluster: ClusterApi,
  app: Application,
  conditions: readonly { type: string; message: string }[],
): NonNullable<ApplicationStatus['conditions']> {
  const before = current(cluster, app)?.status?.conditions ?? [];
  return conditions.map((condition) => {
    const same = before.find(({ type, message }) => type === condition.type && message === condition.message);
    return same ?? { ...condition, lastTransitionTime: cluster.world.clock.iso() };
  });
}

function clearRefresh(cluster: ClusterApi, app: Application): void {
  const now = current(cluster, app);
  if (!now?.metadata.annotations?.[REFRESH]) return;
  const { [REFRESH]: _, ...annotations } = now.metadata.annotations;
  cluster.apply({ ...now, metadata: { ...now.metadata, annotations } });
}

/**
 * Seconds until Argo CD notices a push, on average: it comes half-way between two checks. Source: `timeout.reconciliation`
 * and its jitter in `argocd-cm`, 120 s and 60 s by default.
 */
function noticeSeconds(cluster: ClusterApi): number {
  const data = settings(cluster);
  const every = toSeconds(data['timeout.reconciliation'] ?? '120s');
  const jitter = toSeconds(data['timeout.reconciliation.jitter'] ?? '60s');
  return (every + jitter / 2) / 2;
}
