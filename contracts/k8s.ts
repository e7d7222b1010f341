import type { Contract } from './contract';

/** What 01-k8s exports. */
export const K8S = {
  layer: '01-k8s',
  outputs: {
    project_id: 'Google project',
    region: 'region of the cluster',
    zone: 'zone of the cluster',
    kubeconfig_path: 'where npm run kubeconfig puts the kubeconfig, under the home folder',
    argocd_namespace: 'namespace of Argo CD',
    storage_class_name: 'default storage class',
  },
} as const satisfies Contract;
