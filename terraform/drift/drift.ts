import { type LayerId, scopeOf } from '../../contracts/layers';
import type { PlanJson } from '../plan';
import { type PlannableLayer, planMessage, readsIn, startPlans } from '../planning/environment';
import { plannedLayer } from '../planning/layer-plan';
import { layersIn, refuseForeignCode, type Subject } from '../planning/make-plan';
import type { Change } from '../planning/result';

/** What differs between an environment and its description. */
export interface Drift {
  readonly platform: string;
  readonly env: string;
  readonly layers: readonly LayerDrift[];
}

/** What differs in one layer, or why that is not known. */
export type LayerDrift = { readonly layer: LayerId; readonly stack: string } & (
  | {
      readonly outcome: 'examined';
      /** Resources that were changed outside of terraform, and that the next apply would change back. */
      readonly outside: readonly OutsideChange[];
      /** What the description says and nobody has applied. */
      readonly pending: readonly Change[];
      /** Outputs that the next apply would change. */
      readonly outputs: readonly string[];
    }
  | { readonly outcome: 'not-deployed' }
  | { readonly outcome: 'asleep' | 'failed'; readonly message: string }
);

/** A layer that terraform has compared with the clouds. */
export type ExaminedLayer = Extract<LayerDrift, { outcome: 'examined' }>;

/** A resource that was changed outside of terraform. */
export interface OutsideChange {
  /** Whether it exists. */
  readonly kind: 'changed' | 'deleted';
  /** What the next apply does about it. Its attributes are found before, and described after. */
  readonly undo: Change;
}

/**
 * Compares every layer of an environment with the clouds and with its description. Nothing is changed, and no state is locked.
 *
 * One plan answers both questions: in `resource_drift`, terraform lists what a refresh-only plan would, and in `resource_changes`
 * what an apply would do about it. See https://developer.hashicorp.com/terraform/internals/json-format#plan-representation
 */
export async function findDrift(subject: Subject): Promise<Drift> {
  const { platform, env, layers, asleep } = subject;
  refuseForeignCode(subject, layersIn(subject));
  const sleeps = ({ layer }: PlannableLayer) => asleep !== undefined && scopeOf(layer) === 'cluster';
  const attempts = startPlans(layers.filter((one) => !sleeps(one)));
  const examined: LayerDrift[] = [];
  for (const { layer, stack } of layers) {
    const own = { layer, stack: stack.id };
    const attempt = await attempts.get(layer);
    if (attempt === undefined) examined.push({ ...own, outcome: 'asleep', message: asleep ?? '' });
    else if ('json' in attempt) examined.push({ ...own, ...differences(own, attempt.json) });
    else if (readsMissing(stack, examined)) examined.push({ ...own, outcome: 'not-deployed' });
    else examined.push({ ...own, outcome: 'failed', message: planMessage(attempt.error) });
  }
  return { platform: platform.name, env, layers: examined };
}

/** Whether a layer differs from its description. */
export function differs(layer: LayerDrift): layer is ExaminedLayer {
  return layer.outcome === 'examined' && layer.outside.length + layer.pending.length + layer.outputs.length > 0;
}

/** True when every layer is known and none differs. */
export function isClean({ layers }: Drift): boolean {
  return layers.every((one) => (one.outcome === 'examined' && !differs(one)) || one.outcome === 'not-deployed');
}

function differences(own: { readonly layer: LayerId; readonly stack: string }, json: PlanJson) {
  const { deployed, changes, drifted, outputs } = plannedLayer(own, json, () => []);
  if (!deployed) return { outcome: 'not-deployed' } as const;
  const gone = new Set(
    (json.resource_drift ?? []).filter(({ change }) => change.actions.includes('delete')).map(({ address }) => address),
  );
  const outside = changes.filter(({ address }) => drifted.includes(address));
  return {
    outcome: 'examined',
    outside: outside.map((undo) => ({ kind: gone.has(undo.address) ? 'deleted' : 'changed', undo }) as const),
    pending: changes.filter(({ address }) => !drifted.includes(address)),
    outputs: outputs.map(({ name }) => name),
  } as const;
}

/** True if a layer reads outputs of one that is not deployed, so that it cannot be either. */
function readsMissing(stack: PlannableLayer['stack'], examined: readonly LayerDrift[]): boolean {
  const reads = readsIn(stack);
  return examined.some(({ layer, outcome }) => outcome === 'not-deployed' && reads.has(layer));
}
