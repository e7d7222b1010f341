import { FailedError, UsageError } from '../../errors';
import { readImage } from '../../manifests/image-entry';
import { deliveredImageOf } from '../image/own-images';
import { syncHistory } from '../rollout/application';
import { kustomizationOf } from '../tag/tag';
import { announced } from './announce';
import { checkImage, keepImages, underLock } from './steps';
import { followRollout, type Place, placeOf } from './target';
import type { Timeline } from './timeline';
import { type DeliveryTools, holderOf } from './tools';

/** What to roll back to: at most one of these. */
export interface RollbackRequest {
  readonly service: string;
  /** A tag. */
  readonly to?: string;
  /** A commit of the config repository: roll back to the tag before it. */
  readonly revert?: string;
  /** An id in Argo CD's history of the Application: roll back to the tag that was synced then. */
  readonly argocd?: number;
  /** Reason, which is recorded in the pin. */
  readonly reason?: string;
  /** True to end once the pin is written. */
  readonly noWait?: boolean;
  readonly dryRun?: boolean;
}

/** The result of a rollback. */
export interface RolledBack {
  readonly service: string;
  readonly env: string;
  readonly from: string;
  readonly to: string;
  readonly outcome: 'written' | 'rolled out' | 'planned';
  readonly commit?: string;
}

/**
 * Rolls a service back to an earlier tag and pins it there: no delivery changes it until it is released.
 *
 * Every kind of rollback writes a pin to Git. Argo CD refuses `argocd app rollback` with automatic sync, and the next delivery
 * would undo a reverted commit. The gate is not asked, since it is about new versions.
 */
export async function rollBack(
  tools: DeliveryTools,
  request: RollbackRequest,
  timeline: Timeline,
): Promise<RolledBack> {
  const { env, report } = tools;
  const { service, reason = 'rollback', noWait } = request;
  const image = deliveredImageOf(tools.platform, service);
  const choose = async () => {
    const place = await placeOf(tools, image);
    const { tag: from = '' } = await place.writer.current(place.target);
    const to = await timeline.step('choose', () => earlierTag(tools, place, request, from), String);
    const check = () => checkImage(tools, image.repository, to);
    await timeline.step('registry', check, ({ platforms }) => platforms.join(', '));
    return { place, result: { service, env, from, to } };
  };
  if (request.dryRun) {
    const { result } = await choose();
    report(`  would pin ${service} at ${result.to} instead of ${result.from}`);
    return { ...result, outcome: 'planned' };
  }
  const about = { stage: 'rollback', service, version: request.to ?? 'an earlier tag' } as const;
  return announced(tools, about, (started) =>
    underLock(tools, service, timeline, async (lock, signal) => {
      const { place, result } = await choose();
      await started(`${result.from} -> ${result.to}`);
      const pin = { reason, by: holderOf(service).run };
      const written = await timeline.step(
        'pin',
        () => place.writer.pin(place.target, result.to, pin, { lock }),
        ({ outcome, commit, branch }) => `${outcome}, ${commit.slice(0, 7)} on ${branch}`,
      );
      const { commit } = written;
      const keep = (kind: 'deployed' | 'pinned') =>
        timeline.step(
          'registry tags',
          () => keepImages(tools, place, { [kind]: result.to }),
          (tags) => tags.join(', '),
        );
      await keep('pinned');
      if (noWait) return { ...result, outcome: 'written', commit };
      await timeline.step('rollout', () => followRollout(tools, place, commit, { signal, isRollback: true }), String);
      await keep('deployed');
      return { ...result, outcome: 'rolled out', commit };
    }),
  );
}

/** The tag of a request. @default - the tag before the deployed one */
async function earlierTag(
  tools: DeliveryTools,
  { target, writer, overlay }: Place,
  { to, revert, argocd }: RollbackRequest,
  deployed: string,
): Promise<string> {
  if (to) return to;
  const at = async (revision: string) => {
    const text = await tools.store.file(revision, kustomizationOf(target));
    const tag = text && readImage(text, target.image).tag;
    if (tag) return tag;
    throw new UsageError(`commit ${revision} of the config repository has no tag of ${target.service}`);
  };
  if (revert) return at(await tools.store.resolve(`${revert}^`));
  if (argocd !== undefined) {
    const history = await syncHistory(tools.kubectl(), overlay.application);
    const found = history.find(({ id }) => id === argocd);
    if (found) return at(found.revision);
    const known = history.map(({ id, revision, deployedAt }) => `${id} (${revision.slice(0, 7)}, ${deployedAt})`);
    throw new UsageError(
      `Argo CD's history of application ${overlay.application} has no id ${argocd}; expected one of ${known.join(', ') || 'none'}`,
    );
  }
  const before = (await writer.history(target, 10)).find(({ tag }) => tag !== deployed);
  if (before) return before.tag;
  throw new FailedError(`${target.service} had no tag before ${deployed}; give one with --to`);
}
