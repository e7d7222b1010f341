import type { KubernetesObject } from '../../world';
import { ApiError } from '../api-server/api';
import type { Cluster } from '../api-server/cluster';
import { isOf } from '../api-server/kind';
import { PODS } from '../api-server/objects';

/** The log of a container: one line that says that nothing ran, or the last line of one that does not start. */
export function logOf(cluster: Cluster, object: KubernetesObject, query: URLSearchParams): string {
  if (!isOf(PODS, object)) throw new ApiError(400, 'BadRequest', `${object.kind} ${object.metadata.name} has no log`);
  const pod = object;
  const name = query.get('container') ?? pod.spec.containers[0]?.name;
  const container = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find((one) => one.name === name);
  if (!container) {
    throw new ApiError(400, 'BadRequest', `container ${name} is not valid for pod ${pod.metadata.name}`);
  }
  const status = pod.status?.containerStatuses?.find((one) => one.name === name);
  const last = status?.lastState?.terminated?.message;
  if (last) return `${last}\n`;
  const waiting = status?.state.waiting?.reason;
  if (waiting) {
    throw new ApiError(
      400,
      'BadRequest',
      `container "${name}" in pod "${pod.metadata.name}" is waiting to start: ${waiting}`,
    );
  }
  return `${cluster.world.clock.iso()} simulated: ${container.image} counts as running; the sandbox runs no containers\n`;
}
