import type { Kubectl } from '../../clients/kubectl';
import type { ClusterConfig } from '../../platforms/schema/hetzner-k3s-config';

/** What hetzner-k3s installs for volumes. Source: https://github.com/hetznercloud/csi-driver */
const CSI_DRIVER = 'csi.hetzner.cloud';
const STORAGE_CLASS = 'hcloud-volumes';

interface Node {
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

/** One thing that a cluster needs before anything is deployed to it. */
export interface Readiness {
  readonly what: string;
  readonly ok: boolean;
  /** What there is, or what is missing. */
  readonly detail: string;
}

/** Nodes that a configuration asks for: masters and workers. */
export function nodesIn({ masters_pool, worker_node_pools }: ClusterConfig): number {
  return worker_node_pools.reduce((sum, pool) => sum + pool.instance_count, masters_pool.instance_count);
}

/** Whether the nodes of a cluster are ready, and volumes can be created. Changes nothing. */
export async function readiness(kubectl: Kubectl, nodes: number): Promise<Readiness[]> {
  const { items } = await kubectl.json<{ readonly items: readonly Node[] }>(['get', 'nodes']);
  const unready = items.flatMap(({ metadata, status }) => {
    const ready = status?.conditions?.find(({ type }) => type === 'Ready');
    return ready?.status === 'True' ? [] : [`${metadata.name}: ${ready?.message ?? 'not ready'}`];
  });
  const missing = nodes - items.length;
  const driver = await kubectl.find(['get', 'csidriver', CSI_DRIVER]);
  const storageClass = await kubectl.find(['get', 'storageclass', STORAGE_CLASS]);
  return [
    {
      what: 'nodes',
      ok: missing <= 0 && unready.length === 0,
      detail: [
        `${items.length - unready.length} of ${nodes} ready`,
        ...unready,
        ...(missing > 0 ? [`${missing} missing`] : []),
      ].join('; '),
    },
    { what: 'CSI driver', ok: driver !== undefined, detail: `${CSI_DRIVER} ${driver ? 'installed' : 'missing'}` },
    {
      what: 'storage class',
      ok: storageClass !== undefined,
      detail: `${STORAGE_CLASS} ${storageClass ? 'exists' : 'missing'}`,
    },
  ];
}
