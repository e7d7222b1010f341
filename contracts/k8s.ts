import type { Contract } from './contract';

/** Namespace that 01-k8s creates for Argo CD, and where Applications are. */
export const ARGOCD_NAMESPACE = 'argocd';

/** What 01-k8s exports. */
export const K8S = {
  layer: '01-k8s',
  outputs: {
    project_id: 'Google project of the platform',
    region: 'region of the platform in Google Cloud',
    zone: 'zone of the platform in Google Cloud',
    kubeconfig_path: 'path of the cluster kubeconfig, in the home folder',
    argocd_namespace: 'namespace of Argo CD',
    storage_class_name: 'default storage class',
  },
} as const satisfies Contract;
