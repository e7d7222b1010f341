import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LayerId, scopeOf } from '../../contracts/layers';
import type { PlanJson } from '../plan';
import type { Stack } from '../stack';
import { deployedOutputs, plannedLayer } from './layer-plan';
import { type Reads, readsOf, resourcesOf } from './reads';
import type { LayerPlan } from './result';

/** Longest message of terraform that a plan repeats, in characters. */
const MESSAGE = 3000;

/** A layer that can be planned. */
export interface PlannableLayer {
  readonly layer: LayerId;
  readonly stack: Pick<Stack, 'id' | 'directory' | 'init' | 'planJson' | 'outputs'>;
}

/** The plan of one layer with what it was made from. */
export interface ExaminedLayer {
  readonly plan: LayerPlan;
  /** What the layer reads once this configuration is applied. */
  readonly reads: Reads;
  /** Terraform's own plan; it holds secret values. @default - there is none */
  readonly json?: PlanJson;
  /** Values of the outputs in its state. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** How layers are planned. */
interface PlanningOptions {
  /** Why the layers in the cluster cannot be planned. @default - the cluster is awake */
  readonly asleep?: string | undefined;
  /** The layers to plan. The others count as applied. @default - all */
  readonly wanted?: readonly LayerId[];
}

/** How a layer was planned: terraform's plan, or what it failed with. */
export type Attempt = { readonly json: PlanJson } | { readonly error: Error };

/**
 * Plans the layers of an environment.
 *
 * All of them are planned at once. A layer that reads an output which does not exist yet, or which the plan of an earlier layer
 * changes, cannot be planned before that layer is applied: it is said to wait, and what terraform said about it is dropped.
 *
 * @param layers - in apply order.
 */
export async function planEnvironment(
  layers: readonly PlannableLayer[],
  { asleep, wanted = layers.map(({ layer }) => layer) }: PlanningOptions = {},
): Promise<readonly ExaminedLayer[]> {
  const sleeps = (layer: LayerId) => asleep !== undefined && scopeOf(layer) === 'cluster';
  const chosen = layers.filter(({ layer }) => wanted.includes(layer));
  const attempts = startPlans(chosen.filter(({ layer }) => !sleeps(layer)));
  const synthesised = new Map(layers.map(({ layer, stack }) => [layer, readSynthesised(stack.directory)]));
  const reads = new Map([...synthesised].map(([layer, json]) => [layer, readsOf(json)]));
  const readers = (layer: LayerId) => (output: string) =>
    [...reads].filter(([, read]) => read.get(layer)?.includes(output)).map(([reader]) => reader);
  const examined = new Map<LayerId, ExaminedLayer>();
  for (const { layer, stack } of chosen) {
    const own = { layer, stack: stack.id };
    const read = reads.get(layer) ?? new Map();
    const attempt = await attempts.get(layer);
    const blocked = blockerOf(read, examined);
    if (attempt && 'json' in attempt && !blocked) {
      const { json } = attempt;
      const plan = plannedLayer(own, json, readers(layer));
      examined.set(layer, { plan, reads: read, json, outputs: deployedOutputs(json) });
      continue;
    }
    const plan: LayerPlan = blocked
      ? { ...own, outcome: 'waiting', ...blocked, resources: resourcesOf(synthesised.get(layer) ?? '{}') }
      : attempt && 'error' in attempt
        ? { ...own, outcome: 'failed', message: planMessage(attempt.error) }
        : { ...own, outcome: 'asleep', message: asleep ?? '' };
    const outputs = attempt && 'json' in attempt ? deployedOutputs(attempt.json) : await outputsOf(stack);
    examined.set(layer, { plan, reads: read, outputs });
  }
  return [...examined.values()];
}

/**
 * Starts all plans. `terraform init` runs in one folder after another, since it writes to a plugin cache that several may share.
 * See https://developer.hashicorp.com/terraform/cli/config/config-file#provider-plugin-cache
 */
export function startPlans(layers: readonly PlannableLayer[]): Map<LayerId, Promise<Attempt>> {
  let initialised: Promise<unknown> = Promise.resolve();
  const started = new Map<LayerId, Promise<Attempt>>();
  for (const { layer, stack } of layers) {
    const ready = initialised.then(() => stack.init());
    initialised = ready.catch(() => {});
    const attempt = ready
      .then(() => stack.planJson({ lock: false }))
      .then(
        (json) => ({ json }),
        (error: unknown) => ({ error: error instanceof Error ? error : new Error(String(error)) }),
      );
    started.set(layer, attempt);
  }
  return started;
}

/** What terraform said, in a length that is read, without the line of the synthesised file, which is generated. */
export function planMessage({ message }: Error): string {
  return message.replace(/\n *on cdk\.tf\.json line .*\n(?: *\d+:.*\n)?\n?/g, '\n').slice(0, MESSAGE);
}

/** The first earlier layer whose outputs a layer cannot read yet. */
function blockerOf(
  reads: Reads,
  examined: ReadonlyMap<LayerId, ExaminedLayer>,
): { for: LayerId; outputs: string[] } | undefined {
  for (const [earlier, names] of reads) {
    const found = examined.get(earlier);
    const outputs = found ? names.filter((name) => !isSettled(found, name)) : [];
    if (outputs.length > 0) return { for: earlier, outputs };
  }
  return undefined;
}

/** True when an output has a value that no plan changes. */
function isSettled({ plan, outputs }: ExaminedLayer, name: string): boolean {
  if (!(name in outputs)) return false;
  if (plan.outcome === 'asleep') return true;
  return plan.outcome === 'planned' && !plan.outputs.some((changed) => changed.name === name);
}

/** Outputs of a layer without a plan; none where its state cannot be read. */
async function outputsOf(stack: PlannableLayer['stack']): Promise<Record<string, unknown>> {
  try {
    return await stack.outputs();
  } catch {
    return {};
  }
}

/** The outputs of earlier layers that a synthesised stack reads. */
export function readsIn(stack: PlannableLayer['stack']): Reads {
  return readsOf(readSynthesised(stack.directory));
}

/** The text of a stack's `cdk.tf.json`. */
export function readSynthesised(directory: string): string {
  return readFileSync(join(directory, 'cdk.tf.json'), 'utf8');
}
