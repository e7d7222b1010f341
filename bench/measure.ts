import { median } from './arithmetic';

/** What is measured, once per round. */
export type Subject = () => unknown;

/**
 * Measures subjects in turn, so that other load on the machine affects all of them equally.
 *
 * @param rounds - how often each is measured, after one round that does not count.
 * @returns the median of each, in milliseconds, in the order given.
 */
export async function interleave<S extends readonly Subject[]>(
  rounds: number,
  ...subjects: S
): Promise<{ [K in keyof S]: number }> {
  const times = subjects.map((): number[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [index, subject] of subjects.entries()) {
      const start = performance.now();
      await subject();
      if (round > 0) times[index]?.push(performance.now() - start);
    }
  }
  return times.map(median) as { [K in keyof S]: number };
}
