/** A layer: one Terraform stack for each environment, with its own state. */
interface LayerEntry {
  /** Place in the apply order, and in the path of its state. `stacks/<id>.ts` builds it. */
  readonly id: string;
  /** Begins the ids of its stacks: `vpc-prod`. */
  readonly short: string;
  /**
   * `cloud`: it creates the machine that the cluster runs on, so only environments with such a machine have it. `cluster`: its
   * resources are objects of the cluster, which it reaches by a kubeconfig.
   */
  readonly scope: 'cloud' | 'cluster';
  /** Environments on the same cluster have one stack of it between them. @default false */
  readonly shared?: true;
}

/** The layers in apply order. A layer reads the outputs of earlier ones only. */
export const LAYERS = [
  { id: '00-vpc', short: 'vpc', scope: 'cloud' },
  { id: '01-k8s', short: 'k8s', scope: 'cluster', shared: true },
  { id: '02-argocd-app', short: 'argocd-app', scope: 'cluster' },
] as const satisfies readonly LayerEntry[];

/** The id of a layer, such as `00-vpc`. */
export type LayerId = (typeof LAYERS)[number]['id'];

/** The entry of a layer. */
export function layerEntry(layer: LayerId): LayerEntry {
  const entry = LAYERS.find(({ id }) => id === layer);
  if (!entry) throw new Error(`unknown layer "${layer}"; expected one of ${LAYERS.map(({ id }) => id).join(', ')}`);
  return entry;
}

/** Whether a layer creates the machine or objects in the cluster. */
export function scopeOf(layer: LayerId): LayerEntry['scope'] {
  return layerEntry(layer).scope;
}

/** A layer's short name: `vpc`. */
export function shortName(layer: LayerId): string {
  return layerEntry(layer).short;
}

/** The id of a layer's stack in an environment: `vpc-prod`. */
export function stackId(layer: LayerId, env: string): string {
  return `${shortName(layer)}-${env}`;
}

/** True when layer `a` is applied before layer `b`. */
export function isBefore(a: LayerId, b: LayerId): boolean {
  return LAYERS.findIndex(({ id }) => id === a) < LAYERS.findIndex(({ id }) => id === b);
}
