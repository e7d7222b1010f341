/** Seconds something takes: a typical value inside the range that was seen or is known. */
export interface Duration {
  readonly typical: number;
  readonly low: number;
  readonly high: number;
  readonly source: string;
}

/** Rows of a table of durations, all from one source unless a row names its own. */
export function secondsFrom(known: string) {
  return (low: number, typical: number, high: number, source = known): Duration => ({ low, typical, high, source });
}
