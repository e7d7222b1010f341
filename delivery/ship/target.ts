import { join } from 'node:path';
import { kustomize } from '../../clients/kubectl';
import { FailedError } from '../../errors';
import { repositoryOf } from '../../platforms/schema/environment';
import type { CommitId } from '../git/ref-store';
import { isOwn, type OwnImage, type UpstreamImage } from '../image/own-images';
import { type Overlay, overlaysOf, overlayWith } from '../overlays';
import { awaitRollout, rolloutSeconds } from '../rollout/rollout';
import { runs, type Workload, workloadsIn } from '../rollout/workload';
import type { TagTarget } from '../tag/tag';
import { TagWriter } from '../tag/tag-writer';
import { type DeliveryTools, runAddress } from './tools';

/** A service in an environment: its overlay, its tag, and the writer of that tag. */
export interface Place {
  readonly overlay: Overlay;
  /** Whether the registry is ours, so that tags in it can move. */
  readonly isOwn: boolean;
  readonly target: TagTarget;
  readonly writer: TagWriter;
}

/** Finds where a service is, on the environment's branch as it is now. @throws {UsageError} when no overlay has its image */
export async function placeOf(tools: DeliveryTools, image: OwnImage | UpstreamImage): Promise<Place> {
  const { platform, env, store, clock } = tools;
  const overlay = overlayWith(await overlaysOf(platform, env, await checkOut(tools)), image.repository);
  const history = isOwn(image) ? await tools.history(image.source) : undefined;
  const target = { service: image.name, image: image.repository, folder: overlay.folder, history };
  return {
    overlay,
    isOwn: isOwn(image),
    target,
    writer: new TagWriter({ store, clock, platform, env, run: runAddress(image.name) }),
  };
}

/** A folder with the files of a commit. @default - the newest of the environment's branch */
export async function checkOut(tools: DeliveryTools, commit?: CommitId): Promise<string> {
  return tools.store.checkout(commit ?? (await branchHead(tools)));
}

/** The newest commit of the environment's branch. @throws {FailedError} when there is no such branch */
export async function branchHead({ platform, env, store }: DeliveryTools): Promise<CommitId> {
  const { url, branch } = repositoryOf(platform, env);
  const ref = refOf(branch);
  const { [ref]: head = null } = await store.read(ref);
  if (head) return head;
  throw new FailedError(`the config repository ${url} has no branch ${branch}; push it first`);
}

/**
 * Waits until Argo CD has rolled a commit out, for the workloads that run the service's image.
 *
 * @returns the last message: that all pods are ready.
 * @throws {RolloutError}
 */
export async function followRollout(
  tools: DeliveryTools,
  { overlay, target }: Place,
  commit: CommitId,
  options: { readonly signal: AbortSignal; readonly isRollback?: boolean },
): Promise<string> {
  const { env, clock, report } = tools;
  let last = '';
  await awaitRollout({
    kubectl: tools.kubectl(),
    workloads: await workloadsOf(tools, overlay, commit, target.image),
    application: { name: overlay.application, contains: (revision) => contains(tools, revision, commit) },
    timeoutSeconds: rolloutSeconds(env),
    clock,
    ...options,
    onProgress: (message) => {
      last = message;
      report(`  ${message}`);
    },
  });
  return last;
}

async function workloadsOf(
  tools: DeliveryTools,
  overlay: Overlay,
  commit: CommitId,
  image: string,
): Promise<Workload[]> {
  const manifests = await kustomize(join(await checkOut(tools, commit), overlay.path));
  return workloadsIn(manifests, overlay.namespace).filter((workload) => runs(workload, image));
}

/** True if a revision that Argo CD has synced contains a commit. */
async function contains({ platform, env, store }: DeliveryTools, revision: string, commit: CommitId): Promise<boolean> {
  if (!revision || revision === commit) return revision === commit;
  // Argo CD may have synced a newer revision than was fetched. A revision on no branch does not contain the commit.
  await store.read(refOf(repositoryOf(platform, env).branch));
  return store.descends(revision, commit).catch(() => false);
}

function refOf(branch: string): string {
  return `refs/heads/${branch}`;
}
