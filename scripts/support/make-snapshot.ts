import { type GoogleClients, signedInClients } from '../../clients/google';
import { reading } from '../../clients/reading';
import { assertKubeconfig, runningApplication } from '../../clients/running-application';
import { assertAwake, readVm } from '../../clients/vm';
import { powerOf } from '../../clients/vm-power';
import { type LayerId, scopeOf } from '../../contracts/layers';
import { AsleepError, FailedError, RefusedError } from '../../errors';
import { type LoadedPlatform, loadPlatform, restoreOf } from '../../platforms/load';
import { layersOf, vmOf } from '../../platforms/schema/environment';
import { namesOf } from '../../platforms/schema/names';
import { type ClusterRecord, lastDeployed, readIdentity } from '../../recovery/identity-record';
import { snapshotName } from '../../recovery/snapshot-name';
import { type Snapshot, snapshotsOf } from '../../recovery/snapshots';
import { problemsOf } from '../../recovery/verify-snapshot';
import { whileStopped } from '../../recovery/while-stopped';
import { synthesise } from '../../stacks/app';
import type { Stack } from '../../terraform/stack';
import { stacksOf } from '../../terraform/stacks';
import { interruption } from './interruption';
import { tunnelled } from './tunnelled';

/** Options of `npm run snapshot -- make`. */
export interface MakeSnapshot {
  readonly platform: string;
  readonly env: string;
  readonly layer?: LayerId;
  readonly cold?: true;
  readonly wait: boolean;
  readonly allowChanges?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

/** A snapshot that was not created, because of `--dry-run`. */
export interface WouldMake {
  readonly dryRun: true;
  readonly name: string;
  readonly disk: string;
}

/**
 * Creates a snapshot of the boot disk of an environment's VM, with a record of the VM, its layers and its cluster, and verifies it.
 *
 * @throws {RefusedError} if the layer has changes that are not applied: a restore would then bring back what no state describes.
 */
export async function makeSnapshot(options: MakeSnapshot): Promise<Snapshot | WouldMake> {
  const { env, dryRun } = options;
  const platform = loadPlatform(options.platform);
  const { snapshots: settings } = vmOf(platform, env);
  const clients = await signedInClients();
  const snapshots = snapshotsOf(clients, platform, env);
  const names = namesOf(platform.name, env);
  const disk = names.bootDisk(restoreOf(platform, env).generation);
  const stacks = stacksOf(platform, env, synthesise(platform));
  const layers = layersOf(platform, env);
  const layer = options.layer ?? ((await lastDeployed(layers, stacks)) as LayerId);
  if (!options.allowChanges) await assertApplied(platform, env, layer, stacks[layers.indexOf(layer)]);
  const name = snapshotName(layer, names.vm, await snapshots.now());
  if (dryRun) return { dryRun, name, disk };
  const record = await readIdentity(stacks, await clusterOf(platform, env, layer));
  const found = await snapshots.disk(disk);
  if (!found) throw new FailedError(`disk ${disk} does not exist; deploy 00-vpc, or restore it`);
  const make = () =>
    snapshots.make(name, disk, layer, record, {
      guestFlush: settings.guestFlush && !options.cold,
      wait: options.wait,
      onProgress: (percent) => console.error(`${name}: ${percent} %`),
    });
  const made = await (options.cold ? cold(clients, platform, env, make) : make());
  if (options.wait) assertMade(made, { platform, env, layer, ...found });
  return made;
}

function assertMade(
  made: Snapshot,
  {
    platform,
    env,
    layer,
    id,
    sizeGb,
  }: { platform: LoadedPlatform; env: string; layer: string; id: string; sizeGb: number },
): void {
  const owner = { platform: platform.name, environment: env };
  const problems = problemsOf(made, { owner, layer, lineage: [id], sizeGb, region: platform.google.region });
  if (problems.length === 0) return;
  throw new FailedError(
    `snapshot ${made.name} cannot be used:${problems.map((problem) => `\n  ${made.name} ${problem}`).join('')}\ndelete it and create it again`,
  );
}

async function assertApplied(platform: LoadedPlatform, env: string, layer: LayerId, stack?: Stack): Promise<void> {
  if (!stack) throw new FailedError(`environment ${env} has no layer ${layer}`);
  const plan = () => stack.plan({ lock: false });
  if (scopeOf(layer) === 'cluster') await assertComparable(platform, env, layer);
  const { empty, changes } = await (scopeOf(layer) === 'cluster' ? tunnelled(platform, env, plan) : plan());
  if (empty) return;
  const what = changes.map(({ address, change }) => `\n  ${change.actions.join(' and ')} ${address}`).join('');
  throw new RefusedError(
    `layer ${layer} has changes that are not applied:${what || '\n  its outputs change'}\n` +
      `apply them first, or create the snapshot as it is with --allow-changes`,
  );
}

/** @throws {AsleepError} with the way to create the snapshot all the same: its disk is at rest while the VM is stopped. */
async function assertComparable(platform: LoadedPlatform, env: string, layer: LayerId): Promise<void> {
  try {
    await assertAwake(platform, env);
  } catch (error) {
    if (!(error instanceof AsleepError)) throw error;
    throw new AsleepError(
      `${error.message}\nto create the snapshot without comparing ${layer} with its description, give --allow-changes`,
    );
  }
}

/** What the cluster says about itself; undefined before there is one, or while it does not answer. */
async function clusterOf(platform: LoadedPlatform, env: string, layer: LayerId): Promise<ClusterRecord | undefined> {
  if (scopeOf(layer) !== 'cluster') return undefined;
  const found = await reading(() => {
    assertKubeconfig(platform, env);
    return tunnelled(platform, env, () => runningApplication(platform, env).clusterRecord());
  });
  if ('value' in found) return found.value;
  console.error(`the cluster is not part of the record, since it does not answer: ${found.problem}`);
  return undefined;
}

async function cold<T>(
  clients: GoogleClients,
  platform: LoadedPlatform,
  env: string,
  work: () => Promise<T>,
): Promise<T> {
  const vm = await readVm(clients, platform, env);
  const state = vm && 'value' in vm ? vm.value.state : 'stopped';
  const paused = restoreOf(platform, env).watchdogPaused ?? false;
  const wanted = { paused, running: !paused && state !== 'asleep' };
  const signal = interruption('starting the VM again');
  return whileStopped(powerOf(clients, platform, env), wanted, work, { signal, begin: (step) => console.error(step) });
}
