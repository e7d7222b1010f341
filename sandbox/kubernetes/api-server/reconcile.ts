import type { ClusterApi, Controller } from './api';

/** Rounds after which controllers that still change something are taken for a bug of the sandbox. */
const ROUNDS = 50;

/**
 * Runs controllers in turn until none changes anything, or the machine stops.
 *
 * @param writes - how many writes the cluster has seen so far.
 * @returns the number of writes after which there was nothing left to do.
 * @throws Error that names the controller which fails or never comes to rest.
 */
export async function reconcile(
  cluster: ClusterApi,
  controllers: readonly Controller[],
  writes: () => number,
): Promise<number> {
  let restless = '';
  for (let round = 0; round < ROUNDS; round++) {
    const atStart = writes();
    for (const controller of controllers) {
      const before = writes();
      if (!cluster.host.answers) return writes();
      try {
        await controller.reconcile(cluster);
      } catch (error) {
        throw new Error(`controller ${controller.name} failed: ${(error as Error).stack}`);
      }
      if (writes() !== before) restless = controller.name;
    }
    if (writes() === atStart) return atStart;
  }
  throw new Error(`controller ${restless} still changes objects after ${ROUNDS} rounds`);
}
