import { FailedError, RefusedError, UsageError } from '../../errors';
import { environmentOf } from '../../platforms/schema/define-platform';
import { repositoryOf } from '../../platforms/schema/environment';
import type { Gate } from '../gate/gate';
import { planBuild, runBuild } from '../image/build';
import { isPushed } from '../image/images';
import { deliveredImageOf, isOwn, ownImageOf } from '../image/own-images';
import type { Commit } from '../image/tag-scheme';
import type { HeldLock } from '../lock/held-lock';
import { RolloutError } from '../rollout/rollout';
import { isPlaceholder } from '../tag/ancestry';
import type { TagResult, WantedTag } from '../tag/tag';
import { announced, type Started } from './announce';
import { awaitImageUpdater, checkImage, keepImages, passGate, type Trigger, underLock } from './steps';
import { followRollout, type Place, placeOf } from './target';
import type { Timeline } from './timeline';
import type { DeliveryTools } from './tools';

/** A request to ship a service. */
export interface ShipRequest {
  readonly service: string;
  /** An existing tag. @default - the tag of the commit in `source`, which is built if it is missing */
  readonly tag?: string;
  /** A checkout of the service's repository. */
  readonly source: string;
  readonly trigger: Trigger;
  /** True to build and push without deploying. */
  readonly buildOnly?: boolean;
  /** True to scan the built image for vulnerabilities. */
  readonly scan?: boolean;
  /** True to end once the tag is written, without access to the cluster. */
  readonly noWait?: boolean;
  readonly dryRun?: boolean;
}

/** The result. */
export interface Shipped {
  readonly service: string;
  readonly env: string;
  readonly tag: string;
  readonly outcome: 'built' | 'written' | 'rolled out' | 'planned';
  /** The commit of the config repository that has the tag. */
  readonly commit?: string;
}

/** The state of a running delivery. */
interface Delivering {
  readonly gate: Gate;
  readonly lock: HeldLock | undefined;
  /** Aborted if the lock is lost or a person interrupts. */
  readonly signal: AbortSignal;
  readonly timeline: Timeline;
}

/**
 * Takes a commit of a service to a verified rollout, by the environment's delivery: a commit to the config repository, or Image
 * Updater. It can be run again after any failure: finished steps are not repeated.
 */
export async function ship(tools: DeliveryTools, request: ShipRequest, timeline: Timeline): Promise<Shipped> {
  const { platform, env, report } = tools;
  const { service, source: folder, scan, dryRun } = request;
  const image = request.tag ? deliveredImageOf(platform, service) : ownImageOf(platform, service);
  const planned =
    request.tag || !isOwn(image)
      ? undefined
      : await planBuild(image, { folder, tags: platform.tags, push: true, scan });
  const version = request.tag ?? planned?.tag ?? '';
  const result = { service, env, tag: version };
  const commit = planned && isOwn(image) ? { repository: image.source, sha: planned.commit.sha } : undefined;
  const build = async (signal: AbortSignal) => {
    if (!planned || !isOwn(image) || (await isPushed(tools.registry, image, version))) return;
    const work = async (started: Started) => {
      await started();
      await runBuild(planned, { signal, onOutput: (text) => process.stderr.write(text) });
    };
    const about = { stage: 'build', service, version, ...(commit && { commit }) } as const;
    await timeline.step(
      'build',
      () => announced(tools, about, work),
      () => version,
    );
  };
  if (request.buildOnly && !dryRun) {
    await build(tools.signal);
    return { ...result, outcome: 'built' };
  }
  assertDeliverable(tools, request, planned?.commit);
  const question = { service, version, trigger: request.trigger };
  const askGate = () =>
    timeline.step(
      'gate',
      () => passGate(tools, question),
      () => 'allowed',
    );
  if (dryRun) {
    await askGate();
    for (const { words } of planned?.commands ?? []) report(`  would run ${words.join(' ')}`);
    const { writer, target } = await placeOf(tools, image);
    const { tag: from = 'no tag' } = await writer.current(target);
    if (!request.buildOnly) report(`  would change ${image.repository} from ${from} to ${version}`);
    return { ...result, outcome: 'planned' };
  }
  const about = { stage: 'deployment', service, version, ...(commit && { commit }) } as const;
  return announced(tools, about, async (started) => {
    const gate = await askGate();
    return underLock(tools, service, timeline, async (lock, signal) => {
      await build(signal);
      await started();
      const check = () => checkImage(tools, image.repository, version);
      const found = await timeline.step('registry', check, ({ platforms }) => platforms.join(', '));
      const place = await placeOf(tools, image);
      const delivering = { gate, lock, signal, timeline };
      const written = await write(tools, place, { tag: version, digest: found.digest }, delivering);
      if (request.noWait) return { ...result, outcome: 'written', commit: written.commit };
      await follow(tools, place, written, delivering);
      if (place.isOwn) await timeline.step('registry tags', () => keepShipped(tools, place, written, version), joined);
      return { ...result, outcome: 'rolled out', commit: written.commit };
    });
  });
}

/** What was deployed before is what a rollback needs. Shipped again, the image before stays as it is. */
function keepShipped(tools: DeliveryTools, place: Place, { changes }: TagResult, version: string): Promise<string[]> {
  const before = changes[0]?.from;
  // The one before first: it has no other tag that protects it.
  return keepImages(tools, place, { ...(before !== version && { pinned: before }), deployed: version });
}

/** Brings the tag into Git, or waits until Image Updater has. */
function write(
  tools: DeliveryTools,
  { writer, target }: Place,
  wanted: Pick<WantedTag, 'tag' | 'digest'>,
  { lock, signal, timeline }: Delivering,
): Promise<TagResult> {
  const detail = ({ outcome, commit, branch }: TagResult) => `${outcome}, ${commit.slice(0, 7)} on ${branch}`;
  if (!isImageUpdater(tools)) return timeline.step('tag', () => writer.set([{ target, ...wanted }], { lock }), detail);
  const awaited = () => awaitImageUpdater(tools, writer, target, wanted.tag, signal);
  return timeline.step('Image Updater', awaited, detail);
}

/** Follows the rollout. A failed one is rolled back if deploy-control.yaml says so. @throws {RolloutError} in both cases */
async function follow(
  tools: DeliveryTools,
  place: Place,
  written: TagResult,
  { gate, lock, signal, timeline }: Delivering,
): Promise<void> {
  const { env } = tools;
  const { service } = place.target;
  try {
    await timeline.step('rollout', () => followRollout(tools, place, written.commit, { signal }), String);
  } catch (error) {
    const [change] = written.changes;
    const goesBack = gate.control?.environments[env]?.services[service]?.rollback_on_failure;
    const before = change?.from;
    if (!(error instanceof RolloutError) || !goesBack || !before || before === change.to || isPlaceholder(before))
      throw error;
    const pin = { reason: `the rollout of ${change.to} failed`, by: 'ship' };
    const back = await timeline.step(
      'roll back',
      () => place.writer.pin(place.target, before, pin, { lock }),
      ({ commit }) => `${before}, ${commit.slice(0, 7)}`,
    );
    await timeline.step('registry tags', () => keepImages(tools, place, { pinned: before }), joined);
    const returned = () => followRollout(tools, place, back.commit, { signal, isRollback: true });
    await timeline.step('rollout', returned, String).catch((second: Error) => {
      throw new FailedError(`${error.message}\n${service} is pinned at ${before} again, but: ${second.message}`);
    });
    throw new FailedError(
      `${error.message}\n${service} is back at ${before} and pinned there; ` +
        `once it is fixed: npm run tag -- unpin --env ${env} --service ${service}`,
    );
  }
}

/** Refuses, before anything is built, what the environment's delivery cannot deploy. */
function assertDeliverable(tools: DeliveryTools, { service, tag }: ShipRequest, commit: Commit | undefined): void {
  const { platform, env } = tools;
  if (tag && isImageUpdater(tools)) {
    throw new UsageError(
      `Image Updater chooses the tags of ${env}; to hold ${tag}: npm run rollback -- ${service} --env ${env} --to ${tag}`,
    );
  }
  const wanted = repositoryOf(platform, env).branch;
  // If tags contain the branch, each environment runs only images of its branch.
  if (!commit || platform.tags !== 'branch-sha' || commit.branch === wanted) return;
  throw new RefusedError(
    `commit ${commit.sha.slice(0, 7)} is on branch "${commit.branch}"; environment "${env}" runs images of branch "${wanted}"; merge it there first`,
  );
}

function isImageUpdater({ platform, env }: DeliveryTools): boolean {
  return environmentOf(platform, env).delivery.kind === 'image-updater';
}

function joined(tags: readonly string[]): string {
  return tags.join(', ');
}
