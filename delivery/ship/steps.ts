import { ARGOCD_NAMESPACE } from '../../contracts/k8s';
import { AsleepError, FailedError, RefusedError } from '../../errors';
import { architectureOf } from '../../platforms/schema/cluster';
import { environmentOf } from '../../platforms/schema/define-platform';
import { repositoryOf } from '../../platforms/schema/environment';
import { isAsleepOnly } from '../gate/decide';
import { Gate } from '../gate/gate';
import { explained } from '../gate/words';
import { requireImage } from '../image/images';
import { DeploymentLock } from '../lock/deployment-lock';
import type { HeldLock } from '../lock/held-lock';
import { duration, heldBy } from '../lock/words';
import { isPlaceholder } from '../tag/ancestry';
import type { TagResult, TagTarget } from '../tag/tag';
import type { TagWriter } from '../tag/tag-writer';
import type { Place } from './target';
import type { Timeline } from './timeline';
import { type DeliveryTools, holderOf } from './tools';

/** Interval and limit of polling the branch, in milliseconds. Image Updater polls the registry every two minutes. */
const LOOK_MS = 5_000;
const IMAGE_UPDATER_MS = 300_000;

/** What starts a deployment: a push to a branch, or a person. */
export type Trigger = 'push' | 'manual';

/** Asks the gate. @throws {RefusedError} or {AsleepError} with every reason */
export async function passGate(
  tools: DeliveryTools,
  question: { readonly service: string; readonly version: string; readonly trigger: Trigger },
): Promise<Gate> {
  const gate = await Gate.read(tools.platform, tools.env, tools.store);
  const decision = await gate.ask(question, await tools.now());
  if (decision.verdict === 'allow') return gate;
  const text = explained(`${question.service} ${question.version} to ${tools.env}`, decision);
  throw isAsleepOnly(decision) ? new AsleepError(text) : new RefusedError(text);
}

/**
 * Runs work while holding the environment's lock, if it has one, and releases the lock afterwards in any case.
 *
 * @param work - gets the lock, and a signal that is aborted if the lock is lost or a person interrupts.
 * @throws {RefusedError} if another client holds the lock for longer than the wait.
 */
export async function underLock<T>(
  tools: DeliveryTools,
  service: string,
  timeline: Timeline,
  work: (lock: HeldLock | undefined, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { platform, env, store, clock, signal, report } = tools;
  if (!environmentOf(platform, env).delivery.lock) return work(undefined, signal);
  const lock = new DeploymentLock({ store, clock, platform: platform.name, env });
  const taking = () =>
    lock.take(holderOf(service), {
      signal,
      onWait: ({ record, waited }) =>
        report(`  lock ${lock.name} is held by ${heldBy(record)} since ${record.since}; waited ${duration(waited)}`),
    });
  const held = await timeline.step('lock', taking, ({ record }) => `${lock.name}, counter ${record.counter}`);
  const renewing = held.keepRenewed();
  try {
    return await work(held, AbortSignal.any([signal, held.lost]));
  } finally {
    await held.release();
    await renewing;
  }
}

/** Reads the image to deploy. @throws {RefusedError} if it does not exist, or not for the nodes */
export function checkImage({ platform, env, registry }: DeliveryTools, repository: string, tag: string) {
  return requireImage(registry, { repository, tag }, architectureOf(environmentOf(platform, env).cluster));
}

/** Waits until Image Updater has written a tag. @returns its commit. @throws {FailedError} if it has not in time */
export async function awaitImageUpdater(
  { platform, env, clock, report }: DeliveryTools,
  writer: TagWriter,
  target: TagTarget,
  tag: string,
  signal: AbortSignal,
): Promise<TagResult> {
  const deadline = clock.now() + IMAGE_UPDATER_MS;
  for (let last = ''; ; ) {
    const { tag: written, pin } = await writer.current(target);
    if (written === tag) {
      const [newest, before] = await writer.history(target, 2);
      const { branch } = repositoryOf(platform, env);
      const change = { service: target.service, image: target.image, from: before?.tag, to: tag };
      return { outcome: 'written', commit: newest?.commit ?? '', branch, changes: [change] };
    }
    if (pin)
      throw new RefusedError(`${target.service} is pinned at ${pin.tag}: ${pin.reason}; unpin it, then ship again`);
    const message = `  Git has ${written ?? 'no tag'}; waiting for Image Updater to write ${tag}`;
    if (message !== last) report(message);
    last = message;
    if (clock.now() >= deadline) {
      throw new FailedError(
        `Image Updater has not written ${tag} in ${duration(IMAGE_UPDATER_MS)}; it pushes with the secret git-deploy-key ` +
          `(npm run secret -- list --env ${env} --platform ${platform.name}), and its log has the reason: ` +
          `kubectl logs --namespace ${ARGOCD_NAMESPACE} --selector app.kubernetes.io/name=argocd-image-updater`,
      );
    }
    await clock.sleep(LOOK_MS, signal);
  }
}

/**
 * Moves the tags `deployed-<env>` and `pinned-<env>` in the registry, which protect images from its clean-up: to what runs,
 * and to what a rollback needs. An upstream image has none.
 *
 * A tag is only ever moved: registries that delete a tag by name delete the image with all of its tags.
 *
 * @param keep - the tag of the image for each. One that the registry does not have is passed over.
 * @returns the tags that were moved
 */
export async function keepImages(
  { registry, env }: DeliveryTools,
  { target, isOwn }: Pick<Place, 'target' | 'isOwn'>,
  keep: Readonly<Partial<Record<'deployed' | 'pinned', string | undefined>>>,
): Promise<string[]> {
  const moved: string[] = [];
  for (const [kind, tag] of isOwn ? Object.entries(keep) : []) {
    const image = tag && !isPlaceholder(tag) ? await registry.find(target.image, tag) : undefined;
    if (!image) continue;
    await registry.tag(target.image, image, `${kind}-${env}`);
    moved.push(`${kind}-${env}`);
  }
  return moved;
}
