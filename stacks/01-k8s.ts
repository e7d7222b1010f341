import { HelmProvider } from '@cdktf/provider-helm/lib/provider';
import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider';
import { Fn } from 'cdktf';
import type { Construct } from 'constructs';
import { ArgoCd } from '../constructs/gitops/argo-cd';
import { ExternalSecrets } from '../constructs/kubernetes/external-secrets';
import { LocalPathProvisioner } from '../constructs/kubernetes/local-path-provisioner';
import { Namespace } from '../constructs/kubernetes/namespace';
import { Layer, type LayerProps } from '../constructs/layer';
import { K8S } from '../contracts/k8s';
import type { VpcLayer } from './00-vpc';

/**
 * What every cluster has before an application comes: a storage class, External Secrets and Argo CD, with the CRDs of both.
 *
 * It owns platform namespaces only, so that destroying it leaves the application serving.
 */
export class K8sLayer extends Layer<typeof K8S> {
  constructor(scope: Construct, props: LayerProps & { readonly vpc: VpcLayer }) {
    super(scope, K8S, props);
    const { kubeconfig_path, project_id, region, zone } = this.read(props.vpc, 'kubeconfig');
    const configPath = Fn.pathexpand(kubeconfig_path);
    new KubernetesProvider(this, 'kubernetes', { configPath });
    new HelmProvider(this, 'helm', { kubernetes: { configPath } });

    const argocd = new Namespace(this, 'argocd', { name: 'argocd', labels: this.labels('gitops') });
    const secrets = new Namespace(this, 'external-secrets', {
      name: 'external-secrets-system',
      labels: this.labels('secrets'),
    });
    const storage = new Namespace(this, 'local-path', {
      name: 'local-path-storage',
      labels: this.labels('storage'),
      // Its helper pods make directories on the node.
      podSecurity: 'privileged',
    });

    const { storageClass } = new LocalPathProvisioner(this, 'local-path-provisioner', {
      namespace: storage,
      reclaimPolicy: this.env === 'prod' ? 'Retain' : 'Delete',
    });
    new ExternalSecrets(this, 'external-secrets-operator', { namespace: secrets });
    new ArgoCd(this, 'argo-cd', { namespace: argocd });

    this.export({
      kubeconfig_path,
      project_id,
      region,
      zone,
      argocd_namespace: argocd.name,
      storage_class_name: storageClass.metadata.name,
    });
  }
}
