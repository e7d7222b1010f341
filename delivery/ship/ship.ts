import { FailedError, RefusedError } from '../../errors';
import { environmentOf } from '../../platforms/schema/define-platform';
import { repositoryOf } from '../../platforms/schema/environment';
import type { Gate } from '../gate/gate';
import { planBuild } from '../image/build';
import { ownImageOf } from '../image/own-images';
import type { Commit } from '../image/tag-scheme';
import type { HeldLock } from '../lock/held-lock';
import { RolloutError } from '../rollout/rollout';
import { isPlaceholder } from '../tag/ancestry';
import type { TagResult } from '../tag/tag';
import { awaitImageUpdater, checkImage, keepImage, passGate, provideImage, type Trigger, underLock } from './steps';
import { followRollout, type Place, placeOf } from './target';
import type { Timeline } from './timeline';
import type { DeliveryTools } from './tools';

/** What is to be shipped. */
export interface ShipRequest {
  readonly service: string;
  /** A tag that the registry has. @default - that of the commit in `source`, built where it is missing */
  readonly tag?: string;
  /** A checkout of the service's repository. */
  readonly source: string;
  readonly trigger: Trigger;
  /** Build and push, and deploy nothing. */
  readonly buildOnly?: boolean;
  /** Look for known vulnerabilities in what is built. */
  readonly scan?: boolean;
  /** End once the tag is written: who has no access to the cluster cannot follow its rollout. */
  readonly noWait?: boolean;
  readonly dryRun?: boolean;
}

/** What has become of it. */
export interface Shipped {
  readonly service: string;
  readonly env: string;
  readonly tag: string;
  readonly outcome: 'built' | 'written' | 'rolled out' | 'planned';
  /** The commit of the config repository that has the tag. */
  readonly commit?: string;
}

/** What holds while a service is being delivered. */
interface Delivering {
  readonly gate: Gate;
  readonly lock: HeldLock | undefined;
  /** Aborted when the lock is lost or a person interrupts. */
  readonly signal: AbortSignal;
  readonly timeline: Timeline;
}

/**
 * Takes a commit of a service to a verified rollout, as the environment's delivery describes it: by a commit to the config
 * repository, or by Image Updater. It can be run again after any failure: what was done already is not done twice.
 */
export async function ship(tools: DeliveryTools, request: ShipRequest, timeline: Timeline): Promise<Shipped> {
  const { platform, env, report } = tools;
  const { service, source: folder, scan, dryRun = false, buildOnly = false } = request;
  const image = ownImageOf(platform, service);
  const planned = request.tag ? undefined : await planBuild(image, { folder, tags: platform.tags, push: true, scan });
  const tag = request.tag ?? planned?.tag ?? '';
  const result = { service, env, tag };
  const build = async (signal: AbortSignal) => {
    if (!planned) return;
    if (dryRun) for (const { words } of planned.commands) report(`  would run ${words.join(' ')}`);
    else
      await timeline.step(
        'build',
        () => provideImage(tools, image, planned, signal),
        (how) => `${tag} ${how}`,
      );
  };
  if (buildOnly) {
    await build(tools.signal);
    return { ...result, outcome: dryRun ? 'planned' : 'built' };
  }
  if (planned) assertBranch(tools, planned.commit);
  const question = { service, version: tag, trigger: request.trigger };
  const gate = await timeline.step(
    'gate',
    () => passGate(tools, question),
    () => 'allowed',
  );
  if (dryRun) {
    await build(tools.signal);
    const { writer, target } = await placeOf(tools, image);
    const { changes } = await writer.set([{ target, tag }], { dryRun });
    for (const { from, to } of changes) report(`  would write ${image.repository}: ${from ?? 'no tag'} to ${to}`);
    return { ...result, outcome: 'planned' };
  }
  return underLock(tools, service, timeline, async (lock, signal) => {
    const delivering = { gate, lock, signal, timeline };
    await build(signal);
    const found = await timeline.step(
      'registry',
      () => checkImage(tools, image.repository, tag),
      ({ platforms }) => platforms.join(', '),
    );
    const place = await placeOf(tools, image);
    const written = await write(tools, place, tag, found.digest, delivering);
    if (request.noWait) return { ...result, outcome: 'written', commit: written.commit };
    await follow(tools, place, written, delivering);
    await timeline.step('registry tags', () => keepImage(tools, image.repository, found, 'deployed'), String);
    return { ...result, outcome: 'rolled out', commit: written.commit };
  });
}

/** Brings the tag into Git, or waits until Image Updater has. */
function write(
  tools: DeliveryTools,
  { writer, target }: Place,
  tag: string,
  digest: string,
  { lock, signal, timeline }: Delivering,
): Promise<TagResult> {
  const { delivery } = environmentOf(tools.platform, tools.env);
  const detail = ({ outcome, commit, branch }: TagResult) => `${outcome}, ${commit.slice(0, 7)} on ${branch}`;
  if (delivery.kind !== 'image-updater')
    return timeline.step('tag', () => writer.set([{ target, tag, digest }], { lock }), detail);
  const awaited = async () => {
    await awaitImageUpdater(tools, writer, target, tag, signal);
    return writer.set([{ target, tag, digest }], { dryRun: true });
  };
  return timeline.step('Image Updater', awaited, detail);
}

/** Follows the rollout; one that fails is taken back where deploy-control.yaml says so. @throws {RolloutError} in any case */
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
    await timeline.step(
      'rollout',
      () => followRollout(tools, place, back.commit, { signal, isRollback: true }),
      String,
    );
    throw new FailedError(
      `${error.message}\n${service} is back at ${before} and pinned there; ` +
        `once it is repaired: npm run tag -- unpin --env ${env} --service ${service}`,
    );
  }
}

/** Where tags name branches, each environment takes images of its own branch. */
function assertBranch({ platform, env }: DeliveryTools, { sha, branch }: Commit): void {
  const wanted = repositoryOf(platform, env).branch;
  if (platform.tags !== 'branch-sha' || branch === wanted) return;
  throw new RefusedError(
    `commit ${sha.slice(0, 7)} is on branch "${branch}"; environment "${env}" takes images of branch "${wanted}"; merge it there first`,
  );
}
