import type { Holder } from './record';

/** A holder, for people: `todo-api (run 123456789.1)`. */
export function heldBy({ owner, run }: Holder): string {
  return `${owner} (run ${run})`;
}

/** A duration, for people: `40 s`, `3 min`, `2 h 5 min`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
