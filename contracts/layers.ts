/** The layers in apply order. A layer reads only those above it. */
export const LAYERS = [
  { id: '00-vpc', short: 'vpc' },
  { id: '01-k8s', short: 'k8s' },
  { id: '02-argocd-app', short: 'argocd-app' },
] as const;

/** A layer's place in the order and in the state bucket: `00-vpc`. */
export type LayerId = (typeof LAYERS)[number]['id'];

/** A layer's short name: `vpc`. */
export function shortName(layer: LayerId): string {
  return LAYERS.find(({ id }) => id === layer)?.short ?? layer;
}

/** The id of a layer's stack in an environment: `vpc-prod`. */
export function stackId(layer: LayerId, env: string): string {
  return `${shortName(layer)}-${env}`;
}

/** True when layer `a` is applied before layer `b`. */
export function isBefore(a: LayerId, b: LayerId): boolean {
  return LAYERS.findIndex(({ id }) => id === a) < LAYERS.findIndex(({ id }) => id === b);
}
