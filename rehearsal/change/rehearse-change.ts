import { cpSync, rmSync } from 'node:fs';
import type { LayerId } from '../../contracts/layers';
import type { LoadedPlatform } from '../../platforms/load';
import { environmentOf } from '../../platforms/schema/define-platform';
import { layersOf, namespaceOf } from '../../platforms/schema/environment';
import type { GuardInput } from '../../terraform/guards/guard';
import type { EnvironmentPlan } from '../../terraform/planning/result';
import { openGround, type SimulatedGround } from '../ground';
import { Rehearsal, type Step } from '../rehearsal';
import type { RehearsalReport } from '../report';
import { type Progress, runSteps } from '../run';
import { FIRST_MARKER } from '../steps/assertions';
import { bringUp, COUNT, EVERY_PLAN_IS_EMPTY, SYNTHESISE, snapshotAfter } from '../steps/bring-up';
import { diskRestore } from '../steps/disk-restore';
import { layerRebuild } from '../steps/layer-rebuild';
import { type ChangeReport, type Figures, figuresOf } from './change-report';
import { applyLayer, orphansOf, type Side, sameLayers } from './layers';

const DAY_SECONDS = 24 * 3600;

/** How a change is rehearsed. */
export interface ChangeOptions {
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
  /** The overlays of both sides, for the guards. @default - the guards look at the plans only */
  readonly overlays?: GuardInput['overlays'];
  /** False to leave the recoveries after the change out. @default true */
  readonly recoveries?: boolean;
}

/** A running environment in a folder, from which a change starts. */
export interface RunningBase {
  readonly side: Side;
  readonly env: string;
  readonly directory: string;
  readonly figures: Figures;
}

/**
 * Builds an environment as the base describes it: the application runs and has data, snapshots exist, a night has passed.
 *
 * @throws if the base cannot be built: a change of it says nothing then.
 */
export async function buildBase(
  side: Side,
  env: string,
  directory: string,
  options: ChangeOptions = {},
): Promise<RunningBase> {
  const { platform } = side;
  environmentOf(platform, env);
  const last = layersOf(platform, env).at(-1);
  const isVm = environmentOf(platform, env).cluster.kind === 'k0s-vm';
  const steps = [...bringUp(platform, env), ...(isVm && last ? [snapshotAfter(last)] : []), A_NIGHT_PASSES];
  const report = await inGround(side, env, { directory, kept: false }, (rehearsal) =>
    runAll(rehearsal, steps, options),
  );
  return { side, env, directory, figures: figuresOf(report) };
}

/** Rehearses both recoveries of the base in a copy of it. */
export async function recoverBase(base: RunningBase, options: ChangeOptions = {}): Promise<RunningBase> {
  const { side, env, figures } = base;
  const steps = [SYNTHESISE, ...layerRebuild(side.platform, env), ...diskRestore(side.platform, env)];
  const report = await inGround(side, env, { directory: copyOf(base, 'base-recoveries'), kept: true }, (rehearsal) =>
    runAll(rehearsal, steps, options),
  );
  return { ...base, figures: { ...figures, recovery: report.recovery } };
}

/** Applies what is proposed to a copy of the running base, layer by layer, and rehearses both recoveries again. */
export async function applyChange(
  base: RunningBase,
  head: Side,
  from: string,
  options: ChangeOptions = {},
): Promise<ChangeReport> {
  const { platform } = head;
  const { env } = base;
  const plan: EnvironmentPlan = { version: 1, platform: platform.name, env, layers: [], guards: [], contracts: [] };
  const nothing = {
    platform: platform.name,
    env,
    from,
    simulated: true,
    before: base.figures,
    downSeconds: 0,
  } as const;
  const orphans = orphansOf(base.side, head, env);
  if (orphans)
    return {
      ...nothing,
      same: [],
      plan,
      data: 'kept',
      failure: { step: 'compare the layers', message: orphans },
    };
  const running = { progress: options.progress ?? 'silent', signal: options.signal };
  const directory = copyOf(base, 'change');
  const unchanged = sameLayers(base.side, head, env, directory);
  return inGround(
    { ...head, tree: base.side.tree },
    env,
    { directory, kept: true, before: base.side.platform },
    async (rehearsal, ground) => {
      const stopWatching = ground.watchServing(namespaceOf(base.side.platform, env));
      const same: LayerId[] = [];
      const steps = [
        SYNTHESISE,
        mergeOf(head.tree),
        ...rehearsal.layers.map((layer) => applyLayer(layer, { unchanged, same, plan, overlays: options.overlays })),
        SETTLED,
      ];
      const applied = await runSteps(rehearsal, steps, running);
      const { downSeconds } = stopWatching();
      const report = {
        ...nothing,
        same,
        plan,
        downSeconds,
        data: dataOf(ground, namespaceOf(base.side.platform, env)),
      };
      if (!applied.ok) return { ...report, ...(applied.failure && { failure: applied.failure }) };
      if (options.recoveries === false) return report;
      const recoveries = [COUNT, ...layerRebuild(platform, env), ...diskRestore(platform, env), EVERY_PLAN_IS_EMPTY];
      rehearsal.report.ok = false;
      const recovered = await runSteps(rehearsal, recoveries, running);
      return { ...report, after: figuresOf(recovered), ...(recovered.failure && { failure: recovered.failure }) };
    },
  );
}

function dataOf(ground: SimulatedGround, namespace: string): string {
  try {
    const marker = ground.readMarker(namespace);
    return marker === FIRST_MARKER ? 'kept' : 'lost: the volume is empty';
  } catch (error) {
    return `lost: ${(error as Error).message}`;
  }
}

/** Copies the clouds of a base, without what is synthesised anew. */
function copyOf({ directory }: RunningBase, name: string): string {
  const copy = `${directory}-${name}`;
  rmSync(copy, { recursive: true, force: true });
  cpSync(directory, copy, { recursive: true, filter: (path) => !/\/(cdktf\.out|providers|lock)$/.test(path) });
  return copy;
}

async function inGround<T>(
  { platform, tree, synthesise }: Side,
  env: string,
  { directory, ...options }: { readonly directory: string; readonly kept: boolean; readonly before?: LoadedPlatform },
  work: (rehearsal: Rehearsal, ground: SimulatedGround) => Promise<T>,
): Promise<T> {
  const ground = await openGround(platform, env, { directory, root: tree, ...options });
  try {
    return await work(new Rehearsal(platform, env, ground, undefined, synthesise), ground);
  } finally {
    await ground.close();
  }
}

/** Runs steps that must pass. @throws what failed */
async function runAll(
  rehearsal: Rehearsal,
  steps: readonly Step[],
  { progress = 'silent', signal }: ChangeOptions,
): Promise<RehearsalReport> {
  const report = await runSteps(rehearsal, steps, { progress, signal });
  if (report.ok) return report;
  throw new Error(`the base fails at "${report.failure?.step}": ${report.failure?.message}`);
}

const A_NIGHT_PASSES: Step = {
  name: 'a night passes',
  run: async ({ ground }) => {
    await ground.pass(DAY_SECONDS);
  },
};

const SETTLED: Step = {
  name: 'the application is synced and serves',
  run: async (rehearsal) => {
    await rehearsal.application().assertSynced();
  },
};

const mergeOf = (tree: string): Step => ({
  name: 'merge the manifests',
  run: async ({ ground }) => {
    await ground.merge(tree);
    await ground.settled();
  },
});
