import type { ClusterApi } from './api';

/**
 * Checks again and again, in simulated time, until something holds. Returns false when `timeout` seconds have passed.
 *
 * @param pause - seconds until the next check, from the seconds that have passed.
 * @throws Error when the API server does not answer.
 */
export async function waitUntil(
  cluster: ClusterApi,
  timeout: number,
  pause: (passed: number) => number,
  holds: () => boolean,
): Promise<boolean> {
  const { clock } = cluster.world;
  const start = clock.now();
  for (;;) {
    const passed = (clock.now() - start) / 1000;
    cluster.assertAnswers();
    if (holds()) return true;
    if (passed >= timeout) return false;
    await clock.sleep(Math.min(pause(passed), timeout - passed));
  }
}
