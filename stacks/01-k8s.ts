import { HelmProvider } from '@cdktf/provider-helm/lib/provider';
import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider';
import type { Construct } from 'constructs';
import { ArgoCd } from '../constructs/gitops/argo-cd';
import { ImageUpdater } from '../constructs/gitops/image-updater';
import { ExternalSecrets } from '../constructs/kubernetes/external-secrets';
import { LocalPathProvisioner } from '../constructs/kubernetes/local-path-provisioner';
import { Namespace } from '../constructs/kubernetes/namespace';
import { Layer, type LayerProps } from '../constructs/layer';
import { ARGOCD_NAMESPACE, K8S } from '../contracts/k8s';
import { VPC } from '../contracts/vpc';
import { type K0sVm, storageClassOf } from '../platforms/schema/cluster';
import { environmentOf, registryHost } from '../platforms/schema/define-platform';

/**
 * Layer 01: what every cluster needs before an application is deployed.
 *
 * Creates a storage class on VMs of the platform, External Secrets Operator, Argo CD, and Image Updater where it delivers. They are
 * in separate namespaces, so that the application keeps running when this layer is destroyed.
 *
 * Exports: `project_id`, `region`, `zone`, `kubeconfig_path`, `argocd_namespace`, `storage_class_name`.
 */
export default class K8sLayer extends Layer<typeof K8S> {
  constructor(scope: Construct, props: LayerProps) {
    super(scope, K8S, props);
    const { cluster, delivery } = environmentOf(this.platform, this.env);
    const { project: project_id, region, zone } = this.platform.google;
    // Without the layer that creates a machine, the cluster is an existing one.
    const vpc = this.find(VPC);
    const place = vpc
      ? this.read(vpc, 'kubeconfig')
      : { project_id, region, zone, kubeconfig_path: this.givenKubeconfig() };
    const access = this.access(place.kubeconfig_path);
    new KubernetesProvider(this, 'kubernetes', access);
    new HelmProvider(this, 'helm', { kubernetes: access });

    const argocd = new Namespace(this, 'argocd', {
      name: ARGOCD_NAMESPACE,
      labels: this.labels('gitops'),
      // Image Updater reads the registry with the node's service account.
      ...(delivery.kind === 'image-updater' && { nodeIdentity: 'argocd-image-updater' }),
    });
    const secrets = new Namespace(this, 'external-secrets', {
      name: 'external-secrets-system',
      labels: this.labels('secrets'),
      // The controller, but not the webhook.
      nodeIdentity: 'external-secrets',
    });
    new ExternalSecrets(this, 'external-secrets-operator', { namespace: secrets });
    const argoCd = new ArgoCd(this, 'argo-cd', {
      namespace: argocd,
      // Image Updater polls the registry every minute and then commits: with this interval, a deployment takes under two minutes.
      pollSeconds: delivery.kind === 'image-updater' ? 30 : undefined,
      appOfApps: this.platform.repository.holds === 'applications',
    });
    if (delivery.kind === 'image-updater') {
      new ImageUpdater(this, 'image-updater', {
        namespace: argocd,
        argoCd,
        registryHost: registryHost(this.platform),
      });
    }

    this.export({
      kubeconfig_path: place.kubeconfig_path,
      project_id: place.project_id,
      region: place.region,
      zone: place.zone,
      argocd_namespace: argocd.name,
      storage_class_name: cluster.kind === 'k0s-vm' ? this.storageClass(cluster) : storageClassOf(cluster),
    });
  }

  /** Creates the storage class on a VM of the platform. An existing cluster has one. */
  private storageClass({ reclaimPolicy }: K0sVm): string {
    const namespace = new Namespace(this, 'local-path', {
      name: 'local-path-storage',
      labels: this.labels('storage'),
      // The helper pods of the provisioner create folders on the node.
      podSecurity: 'privileged',
    });
    const { storageClass } = new LocalPathProvisioner(this, 'local-path-provisioner', {
      namespace,
      reclaimPolicy,
    });
    return storageClass.metadata.name;
  }
}
