import type { LayerId } from '../../contracts/layers';
import { RefusedError, UsageError } from '../../errors';
import type { Platform } from '../../platforms/schema/define-platform';
import { stateOf } from '../../platforms/schema/environment';
import { runGuards } from '../guards/all';
import type { GuardInput } from '../guards/guard';
import { type ContractedLayer, contractProblems, removesOutputs } from './contracts';
import { type ExaminedLayer, type PlannableLayer, planEnvironment, readSynthesised, readsIn } from './environment';
import { foreignCodeIn } from './foreign-code';
import type { EnvironmentPlan } from './result';

/** What is planned. */
export interface Subject {
  readonly platform: Platform;
  readonly env: string;
  /** The layers of the environment, in apply order. */
  readonly layers: readonly PlannableLayer[];
  /** Layers of other environments that read a layer which this environment shares with them. */
  readonly neighbours: readonly PlannableLayer[];
  /** Why the layers in the cluster cannot be planned. @default - the cluster is awake */
  readonly asleep?: string | undefined;
  /** What the guards look at, the plans aside. */
  readonly guards: Omit<GuardInput, 'layers'>;
}

/** Which layers are planned. */
export interface Choice {
  /** The layer that the result is about. @default - all */
  readonly only?: LayerId | undefined;
  /** True when the earlier layers are known to be applied, so that they are not planned too. @default false */
  readonly alone?: boolean;
}

/** Plans an environment, or one layer together with the earlier ones that decide whether it can be planned. */
export async function makePlan(subject: Subject, { only, alone = false }: Choice = {}): Promise<EnvironmentPlan> {
  const { platform, env, asleep, guards } = subject;
  const ids = layersIn(subject);
  if (only !== undefined && !ids.includes(only))
    throw new UsageError(
      `environment "${env}" of platform "${platform.name}" has no layer ${only}; expected one of ${ids.join(', ')}`,
    );
  const upTo = only === undefined ? ids : ids.slice(0, ids.indexOf(only) + 1);
  const wanted = alone && only !== undefined ? [only] : upTo;
  refuseForeignCode(subject, wanted);
  const examined = await planEnvironment(subject.layers, { asleep, wanted });
  const shown = examined.filter(({ plan }) => only === undefined || plan.layer === only);
  const planned = shown.flatMap(({ plan, json }) => (json ? [{ layer: plan.layer, json }] : []));
  return {
    version: 1,
    platform: platform.name,
    env,
    layers: shown.map(({ plan }) => plan),
    guards: runGuards({ ...guards, layers: planned }),
    contracts: contractProblems([...shown.map(contracted), ...(await readersOf(subject, shown))]),
  };
}

/** The layers of an environment. @throws {UsageError} if it has none */
export function layersIn({ platform, env, layers }: Subject): LayerId[] {
  if (layers.length > 0) return layers.map(({ layer }) => layer);
  throw new UsageError(`environment "${env}" of platform "${platform.name}" has no layers: CI applies its manifests`);
}

/** @throws {RefusedError} if a plan would run or read what no layer of ours does */
export function refuseForeignCode({ platform, env, layers }: Subject, wanted: readonly LayerId[]): void {
  const state = stateOf(platform, env);
  const bucket = state.kind === 'gcs' ? state.bucket : undefined;
  const found = layers
    .filter(({ layer }) => wanted.includes(layer))
    .flatMap(({ layer, stack }) =>
      foreignCodeIn(readSynthesised(stack.directory), bucket).map((one) => `${layer}: ${one}`),
    );
  if (found.length > 0) throw new RefusedError(`not planned, since a plan already runs this:\n${found.join('\n')}`);
}

function contracted({ plan, json, outputs, reads }: ExaminedLayer): ContractedLayer {
  return { layer: plan.layer, outputs, reads, changes: json?.output_changes };
}

/** The deployed layers that were not planned and may read what a plan removes. Their states are read only then. */
async function readersOf(subject: Subject, examined: readonly ExaminedLayer[]): Promise<ContractedLayer[]> {
  if (!examined.some(({ json }) => removesOutputs(json?.output_changes))) return [];
  const known = new Set(examined.map(({ plan }) => plan.stack));
  const others = [...subject.layers, ...subject.neighbours].filter(({ stack }) => !known.has(stack.id));
  return Promise.all(
    others.map(async ({ layer, stack }) => ({ layer, outputs: await stack.outputs(), reads: readsIn(stack) })),
  );
}
