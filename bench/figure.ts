import { textTable } from '../rehearsal/text-table';
/** A measured value, and its goal. */
export interface Figure {
  readonly name: string;
  readonly ours: number;
  /** What ours is compared with. */
  readonly other: number;
  readonly otherName: string;
  /** Of `ours` and `other`. @default 'ms' */
  readonly unit?: string;
  /** The most that `ours / other` may be. */
  readonly goal: number;
}

/** A figure with its verdict. */
export interface Judged extends Figure {
  readonly ratio: number;
  readonly met: boolean;
}

/** Compares a figure with its goal. @throws if there is nothing to divide by. */
export function judge(figure: Figure): Judged {
  const { name, ours, other, goal } = figure;
  if (!(other > 0)) throw new Error(`figure "${name}" is compared with ${other}; it must be above 0`);
  const ratio = ours / other;
  return { ...figure, ratio, met: ratio <= goal };
}

/** A table for people: one line for each figure. */
export function table(figures: readonly Judged[]): string {
  const rows = figures.map(({ name, ours, other, otherName, unit = 'ms', ratio, goal, met }) => [
    name,
    `${round(ours)} ${unit}`.trimEnd(),
    `${otherName} ${round(other)} ${unit}`.trimEnd(),
    round(ratio),
    `at most ${goal}`,
    met ? 'yes' : 'NO',
  ]);
  return textTable([['figure', 'ours', 'other', 'ratio', 'goal', 'met'], ...rows]).join('\n');
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
