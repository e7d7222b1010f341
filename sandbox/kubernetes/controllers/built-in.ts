import type { Controller } from '../api';
import type { Cluster } from '../cluster';

/** A controller that every cluster brings. It may use timers, which only a real `Cluster` of the sandbox has. */
export function builtIn(name: string, reconcile: (cluster: Cluster) => void): Controller {
  return {
    name,
    async reconcile(cluster) {
      reconcile(cluster as Cluster);
    },
  };
}
