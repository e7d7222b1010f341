import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { HELM_CHART_CRD } from '../helm/k3s';
import type { Clusters } from '../kubernetes/clusters/clusters';
import { addToKubeconfig } from '../kubernetes/clusters/kubeconfig';
import type { KubernetesObject, World } from '../world';
import { localPathProvisioner } from './kind-storage';

/** A cluster that no simulated cloud creates: one of kind on a laptop, or of hetzner-k3s. */
export interface ExistingCluster {
  /** Its context in the kubeconfig. */
  readonly context: string;
  /** Whether that is the kubeconfig's current one. @default false */
  readonly current?: boolean;
  /** The tool that created it, which decides what is installed in it. @default 'kind' */
  readonly distribution?: 'kind' | 'hetzner-k3s';
  /** The kubeconfig, from `~/`: several clusters may share one. */
  readonly kubeconfig: string;
  readonly nodeName: string;
  readonly memoryMiB: number;
  readonly cpus: number;
  readonly architecture: 'amd64' | 'arm64';
  /** Storage classes that it has; the first is the default. */
  readonly storageClasses: readonly string[];
}

/** Version of Kubernetes on clusters that exist already. */
const KUBERNETES_VERSION = '1.34.2';

/** Key of an existing cluster's machine in `WorldData.machines`. */
export function existingKey(context: string): string {
  return `existing/${context}`;
}

/** True for the key of a machine of an existing cluster. */
export function isExisting(key: string): boolean {
  return key.startsWith(existingKey(''));
}

/** Adds existing clusters to a world; one that was added before keeps what runs in it. */
export function addExistingClusters(world: World, clusters: Clusters, existing: readonly ExistingCluster[]): void {
  existing.forEach(({ context, nodeName, memoryMiB, cpus, architecture, distribution, storageClasses }, index) => {
    const key = existingKey(context);
    const address = `172.18.0.${index + 2}`;
    world.data.machines[key] = {
      name: nodeName,
      address,
      architecture,
      memoryMiB,
      cpus,
      disk: key,
      startupScript: '',
      state: 'running',
    };
    if (clusters.get(key)) return;
    clusters.install(key, {
      nodeName,
      kubernetesVersion: KUBERNETES_VERSION,
      certificateNames: [address, '127.0.0.1', 'localhost'],
    });
    for (const object of initialObjects(distribution, storageClasses)) clusters.get(key)?.apply(object);
  });
}

/**
 * Writes the contexts of existing clusters into kubeconfigs below a home folder; what else is in there stays. Only a cluster
 * that asks for it becomes the current one.
 */
export function writeExistingKubeconfigs(
  home: string,
  existing: readonly ExistingCluster[],
  kubeconfigOf: (key: string) => string,
): void {
  for (const { context, kubeconfig, current } of existing) {
    const text = kubeconfigOf(existingKey(context));
    const { 'current-context': _, ...others } = parse(text) as Record<string, unknown>;
    addToKubeconfig(join(home, kubeconfig.replace(/^~\//, '')), current ? text : stringify(others));
  }
}

/** What is installed in a new cluster: a provisioner of volumes with all that it needs, and CRDs. */
interface Contents {
  readonly provisioner: string;
  readonly objects: readonly KubernetesObject[];
  /** Whether claims of its storage classes may grow. */
  readonly expands: boolean;
}

/** Sources: kind's default storage, and the manifests of hetznercloud/csi-driver, which hetzner-k3s applies. */
const DISTRIBUTIONS: Readonly<Record<NonNullable<ExistingCluster['distribution']>, Contents>> = {
  kind: {
    provisioner: 'rancher.io/local-path',
    objects: localPathProvisioner('local-path-storage'),
    expands: false,
  },
  'hetzner-k3s': {
    provisioner: 'csi.hetzner.cloud',
    objects: [HELM_CHART_CRD, ...hetznerDriver('csi.hetzner.cloud')],
    expands: true,
  },
};

function hetznerDriver(driver: string): KubernetesObject[] {
  const name = 'hcloud-csi-controller';
  const labels = { app: name };
  const containers = [{ name, image: 'docker.io/hetznercloud/hcloud-csi-driver:v2.9.0' }];
  const spec = {
    replicas: 1,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers } },
  };
  return [
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'CSIDriver',
      metadata: { name: driver },
      spec: { attachRequired: true, podInfoOnMount: true, volumeLifecycleModes: ['Persistent'] },
    },
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'kube-system' }, spec },
  ];
}

/** What an existing cluster has before its first use: what provisions volumes, and storage classes, the first the default. */
export function initialObjects(
  distribution: ExistingCluster['distribution'],
  storageClasses: readonly string[],
): KubernetesObject[] {
  const { provisioner, objects, expands } = DISTRIBUTIONS[distribution ?? 'kind'];
  return [
    ...objects,
    ...storageClasses.map((storageClass, index) => ({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: {
        name: storageClass,
        annotations: { 'storageclass.kubernetes.io/is-default-class': String(index === 0) },
      },
      provisioner,
      reclaimPolicy: 'Delete',
      ...(expands && { allowVolumeExpansion: true }),
      volumeBindingMode: 'WaitForFirstConsumer',
    })),
  ];
}
