import type { FaultRule } from '../../sandbox';
import type { Boundary } from './world';

/** What happens at a call. */
const EFFECTS = ['error', 'killed', 'answer lost'] as const;

type Effect = (typeof EFFECTS)[number];

/** How the sandbox brings it about. */
const FAULTS: Readonly<Record<Effect, FaultRule['effect']>> = {
  error: 'fail',
  killed: 'kill',
  'answer lost': 'fail-after',
};

/** One fault at one call of one layer. */
export interface Scenario {
  readonly name: string;
  readonly boundary: Boundary;
  readonly rule: FaultRule;
}

/** Which calls get a fault. */
export interface Selection {
  /** Every call with every effect. @default - one call of each type, with the effects in turn */
  readonly all?: boolean;
  /** Chooses calls and effects of the default selection. The same number gives the same scenarios. @default 1 */
  readonly seed?: number;
}

/** The scenarios of all boundaries. */
export function scenariosOf(boundaries: readonly Boundary[], { all = false, seed = 1 }: Selection = {}): Scenario[] {
  const random = randomFrom(seed);
  let turn = seed;
  return boundaries.flatMap((boundary) =>
    Object.entries(boundary.calls)
      .sort(([one], [other]) => one.localeCompare(other))
      .flatMap(([type, calls]) => {
        if (!all) {
          const effect = EFFECTS[turn++ % EFFECTS.length] ?? 'error';
          return [scenario(boundary, type, 1 + Math.floor(random() * calls), effect)];
        }
        const nths = Array.from({ length: calls }, (_, index) => index + 1);
        return nths.flatMap((nth) => EFFECTS.map((effect) => scenario(boundary, type, nth, effect)));
      }),
  );
}

function scenario(boundary: Boundary, type: string, nth: number, effect: Effect): Scenario {
  const operation = boundary.verb === 'apply' ? 'create' : 'delete';
  return {
    name: `${boundary.verb} ${boundary.layer}: ${type} ${nth}, ${effect}`,
    boundary,
    rule: { operation, type, nth, effect: FAULTS[effect] },
  };
}

/** Numbers from 0 to 1 that depend on the seed alone. Source: mulberry32, https://github.com/cprosche/mulberry32 */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
}
