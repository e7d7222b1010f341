import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { HELM_CHART_CRD } from '../helm/k3s';
import type { Clusters } from '../kubernetes/clusters/clusters';
import { addToKubeconfig } from '../kubernetes/clusters/kubeconfig';
import type { KubernetesObject, World } from '../world';
import { localPathProvisioner } from './kind-storage';

/** A cluster that is there already and that no simulated cloud has made: one of kind on a laptop, or of hetzner-k3s. */
export interface ExistingCluster {
  /** Its context in the kubeconfig. */
  readonly context: string;
  /** Whether that is the kubeconfig's current one. @default false */
  readonly current?: boolean;
  /** What made it, which decides what it brings. @default 'kind' */
  readonly made?: 'kind' | 'hetzner-k3s';
  /** The kubeconfig, from `~/`: several clusters may share one. */
  readonly kubeconfig: string;
  readonly nodeName: string;
  readonly memoryMiB: number;
  readonly cpus: number;
  readonly architecture: 'amd64' | 'arm64';
  /** Storage classes that it brings; the first is the default. */
  readonly storageClasses: readonly string[];
}

/** Version of Kubernetes on clusters that exist already. */
const KUBERNETES_VERSION = '1.34.2';

/** Key of an existing cluster's machine in `WorldData.machines`. */
export function existingKey(context: string): string {
  return `existing/${context}`;
}

/** True for the key of a machine that no simulated cloud has made. */
export function isExisting(key: string): boolean {
  return key.startsWith(existingKey(''));
}

/** Brings clusters that exist already into a world; one that is there keeps what runs in it. */
export function bringClusters(world: World, clusters: Clusters, existing: readonly ExistingCluster[]): void {
  existing.forEach(({ context, nodeName, memoryMiB, cpus, architecture, made, storageClasses }, index) => {
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
    for (const object of brought(made, storageClasses)) clusters.get(key)?.apply(object);
  });
}

/**
 * Writes the contexts of existing clusters into kubeconfigs below a home folder; what else is in there stays. None becomes
 * the current one that does not ask for it.
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

/** What a cluster brings: a provisioner of volumes with all that it needs, and CRDs. */
interface Brought {
  readonly provisioner: string;
  readonly objects: readonly KubernetesObject[];
  /** Whether claims of its storage classes may grow. */
  readonly expands: boolean;
}

/** Sources: kind's default storage, and the manifests of hetznercloud/csi-driver, which hetzner-k3s applies. */
const MADE: Readonly<Record<NonNullable<ExistingCluster['made']>, Brought>> = {
  kind: {
    provisioner: 'rancher.io/local-path',
    objects: localPathProvisioner('local-path-storage'),
    expands: false,
  },
  'hetzner-k3s': {
    provisioner: 'csi.hetzner.cloud',
    objects: [HELM_CHART_CRD, hetznerDriver()],
    expands: true,
  },
};

function hetznerDriver(): KubernetesObject {
  const name = 'hcloud-csi-controller';
  const labels = { app: name };
  const containers = [{ name, image: 'docker.io/hetznercloud/hcloud-csi-driver:v2.9.0' }];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'kube-system' },
    spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  };
}

/** What an existing cluster has before anybody uses it: what provisions volumes, and storage classes, the first the default. */
export function brought(made: ExistingCluster['made'], storageClasses: readonly string[]): KubernetesObject[] {
  const { provisioner, objects, expands } = MADE[made ?? 'kind'];
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
