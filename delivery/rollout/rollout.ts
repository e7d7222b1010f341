import type { Clock } from '../../clients/clock';
import type { Kubectl } from '../../clients/kubectl';
import { FailedError } from '../../errors';
import { applicationProgress, refresh } from './application';
import { diagnose, releaseStuckPods } from './pods';
import { imageDifferences, nameOf, type Progress, progressOf, type Workload } from './workload';

/** A rollout to follow. */
export interface Rollout {
  readonly kubectl: Kubectl;
  /** The workloads as in the overlay. */
  readonly workloads: readonly Workload[];
  /** The Argo CD Application that deploys them. @default - they are already applied */
  readonly application?: {
    readonly name: string;
    /** True if a revision that it has synced contains the commit. */
    readonly contains: (revision: string) => Promise<boolean>;
  };
  readonly timeoutSeconds: number;
  /** True to delete pods that prevent the rollback of a StatefulSet. @default false */
  readonly isRollback?: boolean;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** Called with each new state, in one line. */
  readonly onProgress?: (message: string) => void;
}

/** Milliseconds between two reads of the cluster. */
const INTERVAL_MS = 2_000;

/** Time limit of a rollout, in seconds. Replicated databases take longest, and production has them. */
export function rolloutSeconds(env: string): number {
  return env === 'prod' ? 600 : 300;
}

/** A rollout failed or timed out. The message lists the pods and events with the reasons. */
export class RolloutError extends FailedError {}

/**
 * Waits until the workloads run the images of the overlay with all pods ready, and the Application is Synced and Healthy.
 *
 * @throws {RolloutError}
 */
export async function awaitRollout(rollout: Rollout): Promise<void> {
  const { kubectl, application, timeoutSeconds, clock, signal, onProgress } = rollout;
  const deadline = clock.now() + timeoutSeconds * 1000;
  if (application) await refresh(kubectl, application.name);
  let last = '';
  for (;;) {
    const progress = await look(rollout);
    if (progress.message !== last) onProgress?.(progress.message);
    last = progress.message;
    if (progress.state === 'done') return;
    if (progress.state === 'failed') throw await failure(rollout, progress.message);
    if (clock.now() >= deadline) throw await failure(rollout, `${progress.message} after ${timeoutSeconds} s`);
    await clock.sleep(INTERVAL_MS, signal);
  }
}

/** The first part that is not done, or the result once all are. */
async function look(rollout: Rollout): Promise<Progress> {
  const { kubectl, application, workloads } = rollout;
  const synced = application && (await applicationProgress(kubectl, application.name, application.contains));
  if (synced && !synced.isOurs) return synced;
  let message = 'no workload runs the image';
  for (const wanted of workloads) {
    const live = await read(kubectl, wanted);
    const [difference] = imageDifferences(wanted, live);
    if (!live || difference) return { state: 'waiting', message: difference ?? nameOf(wanted) };
    if (rollout.isRollback) for (const line of await releaseStuckPods(kubectl, live)) rollout.onProgress?.(line);
    const progress = progressOf(live);
    if (progress.state !== 'done') return progress;
    message = progress.message;
  }
  return synced ?? { state: 'done', message };
}

function read(kubectl: Kubectl, wanted: Workload): Promise<Workload | undefined> {
  return kubectl.find<Workload>(['get', nameOf(wanted), `--namespace=${wanted.metadata.namespace}`]);
}

async function failure({ kubectl, workloads }: Rollout, message: string): Promise<RolloutError> {
  const lines = [];
  for (const wanted of workloads) {
    const live = await read(kubectl, wanted);
    if (live && progressOf(live).state !== 'done') lines.push(...(await diagnose(kubectl, live)));
  }
  return new RolloutError([`rollout failed: ${message}`, ...lines.map((line) => `  ${line}`)].join('\n'));
}
