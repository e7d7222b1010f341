import { isBefore, LAYERS, type LayerId } from '../../contracts/layers';
import type { ValueChange } from '../plan';
import type { Reads } from './reads';

/** Output in which every layer records what it reads, so that its state says it after the code has changed. */
const RECORD = 'reads';

/** A layer as it is deployed, and the outputs that a plan changes. */
export interface ContractedLayer {
  readonly layer: LayerId;
  /** Values of the outputs in its state. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** What its configuration reads now. Used where the state has no record yet. */
  readonly reads: Reads;
  /** What the plan does with its outputs. @default - nothing */
  readonly changes?: Readonly<Record<string, ValueChange>> | undefined;
}

/**
 * Outputs that a deployed layer reads and that a plan removes, or narrows to something other than a string. Each is one message
 * with the two steps that remove the output safely: stop reading it, then remove it.
 */
export function contractProblems(layers: readonly ContractedLayer[]): string[] {
  return layers.flatMap(({ layer, outputs, changes = {} }) =>
    Object.entries(changes).flatMap(([name, change]) => {
      const how = lossOf(change);
      const readers = layers.filter((one) => isBefore(layer, one.layer) && deployedReads(one, layer).includes(name));
      if (!how || !(name in outputs) || readers.length === 0) return [];
      const ids = readers.map((one) => one.layer).join(' and ');
      return [
        `${layer} ${how} output ${name}, which the deployed ${ids} ${readers.length > 1 ? 'read' : 'reads'}.\n` +
          `1. Keep ${name} in ${fileOf(layer)}, and apply ${ids} from a configuration that no longer reads it.\n` +
          `2. Then remove ${name} from ${fileOf(layer)} and apply ${layer}.`,
      ];
    }),
  );
}

/** True when a plan removes or narrows an output. */
export function removesOutputs(changes: Readonly<Record<string, ValueChange>> = {}): boolean {
  return Object.values(changes).some((change) => lossOf(change) !== undefined);
}

/** What a deployed layer reads of an earlier one, as its state records it. */
function deployedReads({ outputs, reads }: ContractedLayer, earlier: LayerId): readonly string[] {
  if (Object.keys(outputs).length === 0) return [];
  const record = outputs[RECORD];
  if (typeof record !== 'object' || record === null) return reads.get(earlier) ?? [];
  const names: unknown = (record as Record<string, unknown>)[earlier];
  return Array.isArray(names) ? names.map(String) : [];
}

function lossOf({ actions, after, after_unknown }: ValueChange): string | undefined {
  if (actions.includes('delete') && !actions.includes('create')) return 'removes';
  if (!actions.includes('update') || after_unknown === true) return undefined;
  return typeof after === 'string' && after !== '' ? undefined : 'narrows';
}

function fileOf(layer: LayerId): string {
  return `contracts/${LAYERS.find(({ id }) => id === layer)?.short ?? layer}.ts`;
}
