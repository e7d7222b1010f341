import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider';
import type { Construct } from 'constructs';
import { RootApplication } from '../constructs/gitops/root-application';
import { Layer, type LayerProps } from '../constructs/layer';
import { ARGOCD_APP } from '../contracts/argocd-app';
import { K8S } from '../contracts/k8s';
import { environmentOf } from '../platforms/schema/define-platform';
import { applicationOf, namespaceOf, repositoryOf } from '../platforms/schema/environment';

/** The hand-over to Git: an AppProject and one root Application. Whatever else Argo CD can own lives in k8s/. */
export default class ArgocdAppLayer extends Layer<typeof ARGOCD_APP> {
  constructor(scope: Construct, props: LayerProps) {
    super(scope, ARGOCD_APP, props);
    const { platform, env } = this;
    const { kubeconfig_path, argocd_namespace } = this.read(this.require(K8S), 'kubeconfig');
    new KubernetesProvider(this, 'kubernetes', this.access(kubeconfig_path));

    const { cluster, delivery } = environmentOf(platform, env);
    const application = new RootApplication(this, 'root', {
      name: applicationOf(platform, env),
      argocdNamespace: argocd_namespace,
      namespace: namespaceOf(platform, env),
      imageUpdater: delivery.kind === 'image-updater',
      // Hetzner's own class deletes a volume with its claim, so Git brings one that keeps it.
      clusterKinds: cluster.kind === 'hetzner-k3s' ? [{ group: 'storage.k8s.io', kind: 'StorageClass' }] : [],
      repository: repositoryOf(platform, env),
    });

    this.export({ app_name: application.name, app_namespace: argocd_namespace });
  }
}
