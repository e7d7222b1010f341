import { ProviderError } from '../../protocol/behaviour';
import { STATEFUL_SETS } from '../api-server/objects';
import { refTo } from '../api-server/reference';
import { type KubernetesResource, timeoutOf, until } from './resource';

/** `kubernetes_stateful_set_v1`: waits for its rollout, as the real one does by default. */
export const statefulSet: KubernetesResource = {
  types: ['kubernetes_stateful_set_v1', 'kubernetes_stateful_set'],
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  namespaced: true,
  noun: 'StatefulSet',
  deleteTimeout: 600,
  async ready(cluster, ref, values, operation) {
    if (values['wait_for_rollout'] === false) return;
    let waiting = 0;
    const isComplete = () => {
      const set = cluster.get(refTo(STATEFUL_SETS, ref.name, ref.namespace));
      waiting = (set?.spec.replicas ?? 1) - (set?.status?.readyReplicas ?? 0);
      return waiting === 0 && set?.status?.observedGeneration === set?.metadata.generation;
    };
    if (await until(cluster, timeoutOf(values, operation, 600), isComplete)) return;
    // Source: StatusViewer of kubectl, which the provider asks.
    throw new ProviderError(`Waiting for ${waiting} pods to be ready...`);
  },
};
