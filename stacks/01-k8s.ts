import { HelmProvider } from '@cdktf/provider-helm/lib/provider';
import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider';
import type { Construct } from 'constructs';
import { ArgoCd } from '../constructs/gitops/argo-cd';
import { ImageUpdater } from '../constructs/gitops/image-updater';
import { ExternalSecrets } from '../constructs/kubernetes/external-secrets';
import { LocalPathProvisioner } from '../constructs/kubernetes/local-path-provisioner';
import { Namespace } from '../constructs/kubernetes/namespace';
import { Layer, type LayerProps } from '../constructs/layer';
import { K8S } from '../contracts/k8s';
import { VPC } from '../contracts/vpc';
import { type K0sVm, storageClassOf } from '../platforms/schema/cluster';
import { environmentOf, registryHost } from '../platforms/schema/define-platform';

/**
 * What every cluster has before an application comes: a storage class, External Secrets and Argo CD, with the CRDs of both.
 *
 * It owns platform namespaces only, so that destroying it leaves the application serving.
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
      name: 'argocd',
      labels: this.labels('gitops'),
      // It reads the registry.
      ...(delivery.kind === 'image-updater' && { nodeIdentity: 'argocd-image-updater' }),
    });
    const secrets = new Namespace(this, 'external-secrets', {
      name: 'external-secrets-system',
      labels: this.labels('secrets'),
      // Its controller, not its webhook.
      nodeIdentity: 'external-secrets',
    });
    new ExternalSecrets(this, 'external-secrets-operator', { namespace: secrets });
    const argoCd = new ArgoCd(this, 'argo-cd', {
      namespace: argocd,
      // Image Updater's commits come after its own look at the registry: together they stay under two minutes.
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

  /** Creates the storage class of a cluster that is ours; others have one. */
  private storageClass({ reclaimPolicy }: K0sVm): string {
    const namespace = new Namespace(this, 'local-path', {
      name: 'local-path-storage',
      labels: this.labels('storage'),
      // Its helper pods make directories on the node.
      podSecurity: 'privileged',
    });
    const { storageClass } = new LocalPathProvisioner(this, 'local-path-provisioner', {
      namespace,
      reclaimPolicy,
    });
    return storageClass.metadata.name;
  }
}
