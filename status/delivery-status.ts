import type { Reading } from '../clients/reading';
import type { Effect } from '../delivery/gate/decide';
import type { Verified } from '../delivery/ship/verify';

/** The state of the delivery to an environment. What the environment does not have is left out. */
export interface DeliveryStatus {
  /** Workloads as Git wants them, and how the running ones differ. @default - the cluster cannot be reached now */
  readonly wanted?: Reading<readonly Verified[]>;
  /** Applications of Argo CD: the root, and its children. */
  readonly applications?: Reading<readonly { readonly name: string; readonly sync: string; readonly health: string }[]>;
  /** Scale sets of GitHub's runners. */
  readonly runners?: Reading<readonly { readonly name: string; readonly current: number; readonly running: number }[]>;
  /** Who holds the lock. @default - the environment has none */
  readonly lock?: Reading<string>;
  /** Whether a person may deploy each service now. */
  readonly gate: Reading<
    readonly { readonly service: string; readonly verdict: Effect; readonly why: readonly string[] }[]
  >;
}

type Part = <T>(
  title: string,
  read: Reading<T> | undefined,
  lines: (value: T) => readonly string[],
  otherwise?: string,
) => string[];

/** The lines of a delivery's status. @param part - renders one part of the screen */
export function renderDelivery({ wanted, applications, runners, lock, gate }: DeliveryStatus, part: Part): string[] {
  return [
    ...part('wanted', wanted, (all) => {
      const differences = all.flatMap((one) => one.differences);
      return differences.length > 0 ? differences : [`all ${all.length} workloads run what Git wants`];
    }),
    ...part('apps', applications, (all) =>
      all.map(({ name, sync, health }) => `${name.padEnd(24)} ${sync.padEnd(9)} ${health}`),
    ),
    ...part('runners', runners, (all) =>
      all.map(({ name, current, running }) => `${name}: ${current} there, ${running} at work`),
    ),
    ...part('lock', lock, (text) => [text]),
    ...part(
      'gate',
      gate,
      (all) => all.map(({ service, verdict, why }) => [service.padEnd(16), verdict, ...why].join('  ').trimEnd()),
      'none',
    ),
  ];
}
