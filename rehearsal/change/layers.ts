import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LayerId } from '../../contracts/layers';
import type { LoadedPlatform } from '../../platforms/load';
import { environmentOf } from '../../platforms/schema/define-platform';
import { layersOf, stackOf, stateOf } from '../../platforms/schema/environment';
import type { GuardInput } from '../../terraform/guards/guard';
import { makePlan, type Subject } from '../../terraform/planning/make-plan';
import { type EnvironmentPlan, isQuiet } from '../../terraform/planning/result';
import type { Rehearsal, Step, Synthesise } from '../rehearsal';

/** One side of a change: the base, or what is proposed. */
export interface Side {
  readonly platform: LoadedPlatform;
  /** Folder with the files of the repository. */
  readonly tree: string;
  readonly synthesise: Synthesise;
}

/** What one step of a change collects. */
interface Collected {
  readonly unchanged: ReadonlySet<LayerId>;
  readonly same: LayerId[];
  readonly plan: EnvironmentPlan;
  /** The overlays of both sides, for the guards. @default - the guards look at the plans only */
  readonly overlays?: GuardInput['overlays'];
}

/** Plans and applies a layer as `npm run apply` does, unless nothing about it can have changed. */
export function applyLayer(layer: LayerId, { unchanged, same, plan, overlays }: Collected): Step {
  return {
    name: `apply ${layer}`,
    layer,
    run: async (rehearsal) => {
      const outputs = plan.layers.some((one) => one.outcome === 'planned' && one.outputs.length > 0);
      if (unchanged.has(layer) && !outputs) {
        same.push(layer);
        return undefined;
      }
      const result = await makePlan(await subjectOf(rehearsal, plan.layers.length === 0 ? overlays : undefined), {
        only: layer,
        alone: true,
      });
      plan.layers.push(...result.layers);
      plan.guards.push(...result.guards);
      plan.contracts.push(...result.contracts);
      const [planned] = result.layers;
      if (planned?.outcome === 'failed') throw new Error(planned.message);
      if (planned && !isQuiet(planned)) await rehearsal.stack(layer).apply();
      await rehearsal.ground.settled();
      return undefined;
    },
  };
}

async function subjectOf(rehearsal: Rehearsal, overlays: GuardInput['overlays']): Promise<Subject> {
  const { platform, env, layers, ground } = rehearsal;
  const state = stateOf(platform, env);
  const isVm = environmentOf(platform, env).cluster.kind === 'k0s-vm';
  const facts = {
    now: new Date(ground.now()),
    ...(state.kind === 'gcs' && { stateBucket: state.bucket }),
    ...(isVm && { snapshots: await rehearsal.snapshots.list() }),
  };
  return {
    platform,
    env,
    layers: layers.map((layer) => ({ layer, stack: rehearsal.stack(layer) })),
    neighbours: [],
    guards: { facts, ...(overlays && { overlays }) },
  };
}

/** Layers of the base that the change no longer has: they stay deployed, and nothing manages them any more. */
export function orphansOf(base: Side, head: Side, env: string): string | undefined {
  const before = layersOf(base.platform, env);
  const after: readonly LayerId[] = env in head.platform.environments ? layersOf(head.platform, env) : [];
  const lost = before.filter((layer) => !after.includes(layer));
  if (lost.length === 0) return undefined;
  const what =
    after.length === 0 ? `environment "${env}" is gone from the description` : `environment "${env}" loses layers`;
  return `${what}: ${lost.join(', ')} stay deployed, cost money, and no plan shows them; destroy them first, in reverse order`;
}

/** Layers that both sides synthesise to the same JSON. */
export function sameLayers(base: Side, head: Side, env: string, directory: string): ReadonlySet<LayerId> {
  const read = (one: Side, folder: string) => {
    const root = one.synthesise(one.platform, join(directory, folder));
    return (layer: LayerId) =>
      readFileSync(join(root, 'stacks', stackOf(one.platform, env, layer), 'cdk.tf.json'), 'utf8');
  };
  const [before, after] = [read(base, 'synth-base'), read(head, 'synth-head')];
  return new Set(layersOf(head.platform, env).filter((layer) => before(layer) === after(layer)));
}
