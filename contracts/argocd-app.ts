import type { Contract } from './contract';

/** What 02-argocd-app exports. */
export const ARGOCD_APP = {
  layer: '02-argocd-app',
  outputs: {
    app_name: 'root Application',
    app_namespace: 'namespace of the root Application',
  },
} as const satisfies Contract;
