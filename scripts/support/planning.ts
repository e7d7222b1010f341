import { dirname, join, resolve } from 'node:path';
import { Bucket, type FileStore } from '../../clients/bucket';
import { Folder } from '../../clients/folder';
import { googleClients } from '../../clients/google';
import { readVm } from '../../clients/vm';
import { asleep } from '../../clients/vm-state';
import { layerEntry } from '../../contracts/layers';
import { type LoadedPlatform, loadPlatform } from '../../platforms/load';
import { environmentOf } from '../../platforms/schema/define-platform';
import { layersOf, stackOf, stateOf } from '../../platforms/schema/environment';
import { namesOf } from '../../platforms/schema/names';
import { snapshotsOf } from '../../recovery/snapshots';
import { synthesise } from '../../stacks/app';
import type { GuardFacts } from '../../terraform/guards/guard';
import type { PlannableLayer } from '../../terraform/planning/environment';
import type { Subject } from '../../terraform/planning/make-plan';
import type { Stack, StackOptions } from '../../terraform/stack';
import { stacksOf } from '../../terraform/stacks';
import { overlaysSince } from './overlays';

/** Everything that planning and applying an environment needs. */
export interface Planning extends Subject {
  /** The layers in apply order, synthesised. */
  readonly layers: readonly (PlannableLayer & { readonly stack: Stack })[];
  /** Where plans are stored. */
  readonly store: FileStore;
}

/** What is planned, and how. */
interface Opening {
  readonly platform: string;
  readonly env: string;
  /** Commit whose overlays the guards compare with. @default - the guards look at the plans only */
  readonly base?: string | undefined;
}

/** Synthesises a platform, and reads what planning one of its environments needs to know. */
export async function openPlanning(
  { platform: name, env, base }: Opening,
  options: StackOptions = {},
): Promise<Planning> {
  const platform = loadPlatform(name);
  environmentOf(platform, env);
  const folder = synthesise(platform);
  const [sleeping, facts, overlays] = await Promise.all([
    sleepOf(platform, env),
    factsOf(platform, env),
    base === undefined ? undefined : overlaysSince(base, name, env),
  ]);
  return {
    platform,
    env,
    layers: layersIn(platform, env, folder, options),
    neighbours: neighboursOf(platform, env).flatMap((other) => layersIn(platform, other, folder, options)),
    guards: { facts, ...(overlays && { overlays }) },
    store: storeOf(platform, env, folder),
    ...(sleeping !== undefined && { asleep: sleeping }),
  };
}

function layersIn(platform: LoadedPlatform, env: string, folder: string, options: StackOptions): Planning['layers'] {
  const stacks = stacksOf(platform, env, folder, options);
  return layersOf(platform, env).flatMap((layer, index) => (stacks[index] ? [{ layer, stack: stacks[index] }] : []));
}

/** Other environments that share a stack with this one. */
function neighboursOf(platform: LoadedPlatform, env: string): string[] {
  const shared = (other: string) =>
    layersOf(platform, other).some(
      (layer) =>
        layerEntry(layer).shared &&
        layersOf(platform, env).includes(layer) &&
        stackOf(platform, other, layer) === stackOf(platform, env, layer),
    );
  return Object.keys(platform.environments).filter((other) => other !== env && shared(other));
}

/** Why the layers in the cluster cannot be planned now, if they cannot. */
async function sleepOf(platform: LoadedPlatform, env: string): Promise<string | undefined> {
  const vm = await readVm(googleClients(), platform, env);
  if (!vm || !('value' in vm) || vm.value.state !== 'asleep') return undefined;
  return asleep(namesOf(platform.name, env).vm, vm.value).message;
}

async function factsOf(platform: LoadedPlatform, env: string): Promise<GuardFacts> {
  const state = stateOf(platform, env);
  const facts = { now: new Date(), ...(state.kind === 'gcs' && { stateBucket: state.bucket }) };
  if (environmentOf(platform, env).cluster.kind !== 'k0s-vm') return facts;
  const snapshots = snapshotsOf(googleClients(), platform, env);
  try {
    const ready = (await snapshots.list()).filter(({ status }) => status === 'READY');
    return { ...facts, now: await snapshots.now(), snapshots: ready };
  } catch {
    // The guard of disks then says that they could not be read.
    return facts;
  }
}

/** Next to the states: in their bucket, or in the folder of local states. */
function storeOf(platform: LoadedPlatform, env: string, folder: string): FileStore {
  const state = stateOf(platform, env);
  return state.kind === 'gcs'
    ? new Bucket(state.bucket, `strata/plans/${platform.name}/${env}`)
    : new Folder(join(dirname(dirname(resolve(folder))), '.state', platform.name, env, 'plans'));
}
