import type { FileStore } from '../../clients/bucket';
import type { LayerId } from '../../contracts/layers';
import { AsleepError, FailedError, RefusedError } from '../../errors';
import { runGuards } from '../guards/all';
import type { Stack } from '../stack';
import { makePlan, type Subject } from './make-plan';
import { type EnvironmentPlan, isQuiet, type LayerPlan } from './result';
import type { StoredPlans } from './stored-plan';

/** How plans are applied. */
export interface Applying extends Omit<Subject, 'layers'> {
  readonly layers: readonly { readonly layer: LayerId; readonly stack: Stack }[];
  /** Guards that may be passed this time. */
  readonly allowed: readonly string[];
  /** Repairs the state of a layer whose last run was killed. @throws if that is not confirmed */
  repair(layer: LayerId, stack: Stack): Promise<void>;
  /** Shows a plan before it is applied. */
  show(plan: EnvironmentPlan): void;
  /** Asks whether to apply the plan of one layer, which was shown. */
  confirm(plan: EnvironmentPlan): Promise<boolean>;
  /** Called before a layer is applied. */
  begin(layer: LayerId): void;
  /** Called once a layer is applied, to record it. */
  done(layer: LayerId): Promise<void>;
}

/** What became of each layer. */
export interface Applied {
  readonly applied: readonly LayerId[];
  /** The layer at which it ended: declined, or to be planned again. @default - every layer is applied */
  readonly stoppedAt?: LayerId;
}

/**
 * Plans, shows, confirms and applies layer after layer, each planned only once the earlier ones are applied.
 *
 * @param wanted - in apply order.
 * @param alone - true when the layers before these are known to be applied.
 * @throws {RefusedError} if a guard or a contract refuses a plan; what was applied before stays applied.
 */
export async function applyLayers(applying: Applying, wanted: readonly LayerId[], alone: boolean): Promise<Applied> {
  const applied: LayerId[] = [];
  for (const layer of wanted) {
    const stack = stackOf(applying, layer);
    if ((await stack.lock?.holder())?.dead) await applying.repair(layer, stack);
    const result = await makePlan(applying, { only: layer, alone });
    const [plan] = result.layers;
    applying.show(result);
    assertPlanned(plan, layer);
    if (isQuiet(plan)) continue;
    assertAllowed(result, applying.allowed);
    if (!(await applying.confirm(result))) return { applied, stoppedAt: layer };
    await applyOne(applying, layer);
    applied.push(layer);
  }
  return { applied };
}

/**
 * Applies a stored plan, up to the first layer that had to wait for another one.
 *
 * The guards look at the plan files again, since their facts change. Terraform itself refuses a plan whose state has changed
 * since.
 *
 * @returns the layers that are left to plan.
 */
export async function applyStored(
  applying: Applying,
  plans: StoredPlans,
  reference: string,
): Promise<{ readonly applied: readonly LayerId[]; readonly left: readonly LayerId[] }> {
  const stored = await plans.load(reference, { platform: applying.platform.name, env: applying.env });
  const { layers } = stored.result;
  applying.show(stored.result);
  const failed = layers.find(({ outcome }) => outcome === 'failed');
  if (failed) throw new FailedError(`plan ${reference} has no plan of ${failed.layer}, which failed; plan again`);
  const end = layers.findIndex(({ outcome }) => outcome !== 'planned');
  const reviewed = layers.slice(0, end < 0 ? layers.length : end).filter((plan) => !isQuiet(plan));
  const files = [];
  for (const { layer } of reviewed) {
    const stack = stackOf(applying, layer);
    await plans.fetch(reference, stored, layer, stack);
    files.push({ layer, json: await stack.showPlan() });
  }
  assertAllowed({ ...stored.result, guards: runGuards({ ...applying.guards, layers: files }) }, applying.allowed);
  for (const { layer } of reviewed) await applyOne(applying, layer);
  return {
    applied: reviewed.map(({ layer }) => layer),
    left: end < 0 ? [] : layers.slice(end).map(({ layer }) => layer),
  };
}

/** Who applied a layer, when, and which guards were passed. */
export interface ApplyRecord {
  readonly at: Date;
  readonly by: string;
  readonly layer: LayerId;
  /** Guards that `--allow` named. */
  readonly allowed: readonly string[];
  /** The stored plan. @default - it was planned and confirmed at once */
  readonly reference?: string | undefined;
}

/** Records in the store that a layer was applied. */
export function recordApply(store: FileStore, record: ApplyRecord): Promise<void> {
  const moment = record.at.toISOString().replace(/[-:]/g, '').replace('T', '-');
  return store.create(`applied/${moment}-${record.layer}.json`, `${JSON.stringify(record)}\n`);
}

async function applyOne(applying: Applying, layer: LayerId): Promise<void> {
  applying.begin(layer);
  await stackOf(applying, layer).apply();
  await applying.done(layer);
}

function stackOf({ layers, env }: Applying, layer: LayerId): Stack {
  const found = layers.find((one) => one.layer === layer);
  if (!found) throw new FailedError(`environment ${env} has no layer ${layer}`);
  return found.stack;
}

function assertPlanned(plan: LayerPlan | undefined, layer: LayerId): asserts plan is LayerPlan {
  if (!plan) throw new FailedError(`${layer} was not planned`);
  if (plan.outcome === 'asleep') throw new AsleepError(plan.message);
  if (plan.outcome === 'failed') throw new FailedError(`the plan of ${layer} failed: ${plan.message}`);
  if (plan.outcome === 'waiting')
    throw new FailedError(`${layer} waits for ${plan.for} (${plan.outputs.join(', ')}); apply ${plan.for} first`);
}

/** @throws {RefusedError} if a contract refuses, or a guard that is not allowed to be passed */
function assertAllowed({ guards, contracts }: EnvironmentPlan, allowed: readonly string[]): void {
  if (contracts.length > 0) throw new RefusedError(contracts.join('\n\n'));
  const refused = guards.filter(({ guard }) => !allowed.includes(guard));
  if (refused.length === 0) return;
  const lines = refused.map(({ guard, subject, message }) => `${guard}: ${subject}: ${message}`);
  const flags = [...new Set(refused.map(({ guard }) => `--allow ${guard}`))].join(' ');
  throw new RefusedError(`refused by ${lines.length} guards:\n${lines.join('\n')}\nto let them pass once: ${flags}`);
}
