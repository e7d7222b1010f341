/** A layer: one Terraform stack for each environment, with its own state. */
interface LayerEntry {
  /** Its id, such as `00-vpc`: the name of its file in `stacks/`, and part of the path of its state. */
  readonly id: string;
  /** Prefix of the ids of its stacks: `vpc` for `vpc-prod`. */
  readonly short: string;
  /**
   * `foundation`: it creates the identities and settings that workflows run with, so only a person applies it, with
   * `npm run bootstrap`. `cloud`: it creates the machine that the cluster runs on, so only environments with such a machine have
   * it. `cluster`: its resources are objects of the cluster, which it reaches by a kubeconfig.
   */
  readonly scope: 'foundation' | 'cloud' | 'cluster';
  /** True if environments on the same cluster share one stack. @default false */
  readonly shared?: true;
}

/** The layers in apply order. A layer can only read the outputs of earlier ones. */
export const LAYERS = [
  { id: '0-bootstrap', short: 'bootstrap', scope: 'foundation' },
  { id: '00-vpc', short: 'vpc', scope: 'cloud' },
  { id: '01-k8s', short: 'k8s', scope: 'cluster', shared: true },
  { id: '02-argocd-app', short: 'argocd-app', scope: 'cluster' },
  { id: '90-github', short: 'github', scope: 'foundation' },
] as const satisfies readonly LayerEntry[];

/** The id of a layer, such as `00-vpc`. */
export type LayerId = (typeof LAYERS)[number]['id'];

/** The layers that `plan`, `apply`, snapshots and rehearsals go through: all but those of `npm run bootstrap`. */
export const DEPLOYED_LAYERS: readonly LayerId[] = LAYERS.filter(({ scope }) => scope !== 'foundation').map(
  ({ id }) => id,
);

/** The entry of a layer. @throws Error if there is no layer with that id. */
export function layerEntry(layer: LayerId): LayerEntry {
  const entry = LAYERS.find(({ id }) => id === layer);
  if (!entry) throw new Error(`unknown layer "${layer}"; expected one of ${LAYERS.map(({ id }) => id).join(', ')}`);
  return entry;
}

/** Whether a layer creates identities and settings, the machine, or objects in the cluster. */
export function scopeOf(layer: LayerId): LayerEntry['scope'] {
  return layerEntry(layer).scope;
}

/** The short name of a layer, such as `vpc`. */
export function shortName(layer: LayerId): string {
  return layerEntry(layer).short;
}

/** The id of a layer's stack in an environment, such as `vpc-prod`. */
export function stackId(layer: LayerId, env: string): string {
  return `${shortName(layer)}-${env}`;
}

/** True when layer `a` is applied before layer `b`. */
export function isBefore(a: LayerId, b: LayerId): boolean {
  return LAYERS.findIndex(({ id }) => id === a) < LAYERS.findIndex(({ id }) => id === b);
}
