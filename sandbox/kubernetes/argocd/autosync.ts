import type { ClusterApi } from '../api-server/api';
import { type Application, hasOption } from './application';
import type { Comparison } from './compare';
import type { Project } from './project';
import type { Build } from './render';
import { Sync, type SyncRequest } from './sync';

/** What is remembered of an Application's syncs between two comparisons. */
export interface SyncMemory {
  sync?: Sync;
  /** Self-heals of one revision, for the backoff. */
  heals?: { readonly revision: string; readonly count: number } | undefined;
}

/** An Application as Argo CD sees it at one moment. */
export interface View {
  readonly build: Build;
  readonly latest: () => Promise<Build>;
  readonly project: Project;
  readonly comparison: Comparison;
}

/** Starts a sync if the Application's policy asks for one. @returns why it does not, where Argo CD says so. */
export function autoSync(
  cluster: ClusterApi,
  app: Application,
  { build, latest, project, comparison }: View,
  memory: SyncMemory,
): { type: string; message: string }[] {
  const policy = app.spec.syncPolicy?.automated;
  if (!policy || policy.enabled === false || comparison.status === 'Synced') return [];
  const { prune = false, selfHeal = false, allowEmpty = false } = policy;
  const out = comparison.resources.filter(({ status }) => status === 'OutOfSync');
  if (!prune && out.every(({ requiresPruning }) => requiresPruning)) return [];
  const refuse = (message: string) => [{ type: 'SyncError', message }];
  if (prune && !allowEmpty && comparison.desired.length === 0) {
    return refuse(`Skipping sync attempt to ${build.revision}: auto-sync will wipe out all resources`);
  }
  const request: SyncRequest = { build, latest, project, automated: true, prune };
  const last = lastAttempt(app, build.revision);
  if (!last) {
    memory.heals = undefined;
    memory.sync = new Sync(cluster, app, request);
    return [];
  }
  if (last.phase !== 'Succeeded') return refuse(`Failed last sync attempt to ${build.revision}: ${last.message}`);
  const isPrunable = prune && comparison.extra.some((object) => !hasOption(object, 'Prune=false'));
  if (selfHeal && (isPrunable || out.some(({ requiresPruning }) => !requiresPruning))) {
    memory.sync = new Sync(cluster, app, { ...request, ...healing(comparison, build.revision, memory) });
  }
  return [];
}

/** The last sync, if it was of this very revision and source and has ended. One that was cut off starts again. */
function lastAttempt({ status, spec }: Application, revision: string) {
  const last = status?.operationState;
  const isSame =
    last?.syncResult.revision === revision && JSON.stringify(last.syncResult.source) === JSON.stringify(spec.source);
  return isSame && last.phase !== 'Running' ? last : undefined;
}

/** Argo CD heals only what differs, and waits three times longer each time that does not help: 2, 6, 18 ... 300 s. */
function healing(comparison: Comparison, revision: string, memory: SyncMemory): Pick<SyncRequest, 'only' | 'delay'> {
  const out = comparison.resources.filter(({ status }) => status === 'OutOfSync');
  const names = new Set(out.map(({ kind, namespace, name }) => `${kind}/${namespace ?? ''}/${name}`));
  const count = memory.heals?.revision === revision ? memory.heals.count : 0;
  memory.heals = { revision, count: count + 1 };
  return {
    only: ({ ref }) => names.has(`${ref.kind}/${ref.namespace ?? ''}/${ref.name}`),
    // Only the first heal pulls the clock: one that never helps must not keep the sandbox busy for ever.
    delay: { seconds: Math.min(2 * 3 ** count, 300), kind: count === 0 ? 'work' : 'routine' },
  };
}
