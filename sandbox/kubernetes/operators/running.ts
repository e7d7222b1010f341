import { ApiError, type ClusterApi } from '../api-server/api';
import { DEPLOYMENTS } from '../api-server/objects';

/**
 * Whether an operator's Deployment has a pod that runs: a simulated operator acts only then.
 *
 * @param name - its label `app.kubernetes.io/name`.
 */
export function operatorRuns(cluster: ClusterApi, name: string): boolean {
  return cluster
    .list(DEPLOYMENTS)
    .filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/name'] === name)
    .some(({ metadata }) => cluster.workloadRuns(metadata.namespace ?? '', metadata.name));
}

/** Does what the API may refuse. @returns its message when it does. */
export function refusalOf(work: () => string | undefined): string | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof ApiError) return error.message;
    throw error;
  }
}
