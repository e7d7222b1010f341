import type { Clusters } from '../kubernetes/clusters/clusters';
import { existingKey } from './existing';

/** What hetzner-k3s is asked for. */
export interface HetznerRequest {
  readonly verb: 'create' | 'delete';
  /** Name of the cluster. */
  readonly cluster: string;
  /** Names of all of its nodes. */
  readonly nodes: readonly string[];
}

/**
 * Adds the nodes of a cluster to those that joined it earlier, or removes them. The cluster itself, with its first node and everything
 * that runs on it, exists from the start and stays; no pod is scheduled on the other nodes.
 *
 * @returns what has changed, or undefined if there is no such cluster
 */
export function runHetznerK3s(clusters: Clusters, { verb, cluster: name, nodes }: HetznerRequest): string | undefined {
  const cluster = clusters.get(existingKey(name));
  if (!cluster) return undefined;
  const refOf = (node: string) => ({ group: '', kind: 'Node', name: node });
  const joined = nodes.filter((node) => node !== cluster.data.nodeName);
  const changed = joined.filter((node) => (cluster.get(refOf(node)) === undefined) === (verb === 'create'));
  for (const node of changed) {
    if (verb === 'delete') {
      cluster.delete(refOf(node));
      continue;
    }
    cluster.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name: node }, spec: { unschedulable: true } });
    cluster.setStatus(refOf(node), { conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }] });
  }
  return verb === 'create'
    ? `the simulated cluster ${name} exists; ${changed.length} nodes have joined it`
    : `${changed.length} nodes have left the simulated cluster ${name}, which stays`;
}
