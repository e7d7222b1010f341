import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { KubernetesObject, World } from '../world';
import type { Clusters } from './clusters';
import { addToKubeconfig } from './kubeconfig';

/** A cluster that is there already and that no simulated cloud has made, such as one of kind on a laptop. */
export interface ExistingCluster {
  /** Its context in the kubeconfig. */
  readonly context: string;
  /** The kubeconfig, from `~/`: several clusters may share one. */
  readonly kubeconfig: string;
  readonly nodeName: string;
  readonly memoryMiB: number;
  readonly cpus: number;
  readonly architecture: 'amd64' | 'arm64';
  /** Storage classes of its local-path provisioner; the first is the default. */
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
  existing.forEach(({ context, nodeName, memoryMiB, cpus, architecture, storageClasses }, index) => {
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
    for (const object of localPath(storageClasses)) clusters.get(key)?.apply(object);
  });
}

/**
 * Writes the contexts of existing clusters into kubeconfigs below a home folder; what else is in there stays. None becomes
 * the current one.
 */
export function writeExistingKubeconfigs(
  home: string,
  existing: readonly ExistingCluster[],
  kubeconfigOf: (key: string) => string,
): void {
  for (const { context, kubeconfig } of existing) {
    const { 'current-context': _, ...added } = parse(kubeconfigOf(existingKey(context))) as Record<string, unknown>;
    addToKubeconfig(join(home, kubeconfig.replace(/^~\//, '')), stringify(added));
  }
}

/** The local-path provisioner, as kind brings it. */
function localPath(storageClasses: readonly string[]): KubernetesObject[] {
  const namespace = 'local-path-storage';
  const name = 'local-path-provisioner';
  const labels = { app: name };
  const container = { name, image: 'docker.io/kindest/local-path-provisioner:v20250214-acbabc1a' };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container] } },
      },
    },
    ...storageClasses.map((storageClass, index) => ({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: {
        name: storageClass,
        annotations: { 'storageclass.kubernetes.io/is-default-class': String(index === 0) },
      },
      provisioner: 'rancher.io/local-path',
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'WaitForFirstConsumer',
    })),
  ];
}
