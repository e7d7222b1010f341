import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider';
import type { Construct } from 'constructs';
import { DeployKey, sshUrl } from '../constructs/gitops/deploy-key';
import { RootApplication } from '../constructs/gitops/root-application';
import { WatchedImages } from '../constructs/gitops/watched-images';
import { Layer, type LayerProps } from '../constructs/layer';
import { ARGOCD_APP } from '../contracts/argocd-app';
import { K8S } from '../contracts/k8s';
import { environmentOf } from '../platforms/schema/define-platform';
import { applicationOf, namespaceOf, projectOf, repositoryOf } from '../platforms/schema/environment';
import { needsDeployKey } from '../platforms/schema/secrets';

/**
 * Layer 02: connects Argo CD to the platform's Git repository, from which it deploys everything else.
 *
 * Creates the root Application with its AppProject, the deploy key of a repository that is private or that Image Updater pushes to,
 * and the Application that configures Image Updater.
 *
 * Exports: `app_name`, `app_namespace`.
 */
export default class ArgocdAppLayer extends Layer<typeof ARGOCD_APP> {
  constructor(scope: Construct, props: LayerProps) {
    super(scope, ARGOCD_APP, props);
    const { platform, env } = this;
    const { kubeconfig_path, argocd_namespace } = this.read(this.require(K8S), 'kubeconfig');
    new KubernetesProvider(this, 'kubernetes', this.access(kubeconfig_path));

    const { cluster, delivery } = environmentOf(platform, env);
    const { url, ...source } = repositoryOf(platform, env);
    // Argo CD finds a repository credential only if its URL is the same as that of the Application.
    const repository = { ...source, url: source.private ? sshUrl(url) : url };
    const application = new RootApplication(this, 'root', {
      name: applicationOf(platform, env),
      argocdNamespace: argocd_namespace,
      namespace: namespaceOf(platform, env),
      // The storage class of Hetzner's CSI driver deletes a volume with its claim, so the manifests contain one that retains it.
      clusterResources:
        cluster.kind === 'hetzner-k3s'
          ? [{ group: 'storage.k8s.io', kind: 'StorageClass', name: 'hcloud-volumes-retain' }]
          : [],
      repository,
    });
    const { name } = application;
    if (needsDeployKey(platform, environmentOf(platform, env))) {
      new DeployKey(this, 'deploy-key', {
        argocdNamespace: argocd_namespace,
        project: name,
        repository: repository.url,
        secret: { project: projectOf(platform), id: this.names.secret('git-deploy-key') },
      });
    }
    if (delivery.kind === 'image-updater') {
      new WatchedImages(this, 'watched-images', { name, argocdNamespace: argocd_namespace, repository });
    }

    this.export({ app_name: application.name, app_namespace: argocd_namespace });
  }
}
