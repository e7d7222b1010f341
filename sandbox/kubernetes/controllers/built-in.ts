import type { Controller } from '../api-server/api';
import type { Cluster } from '../api-server/cluster';

/** A controller of every cluster. It may use timers, which only a real `Cluster` of the sandbox has. */
export function builtIn(name: string, reconcile: (cluster: Cluster) => void): Controller {
  return {
    name,
    async reconcile(cluster) {
      reconcile(cluster as Cluster);
    },
  };
}
