import type { Cluster } from '../../kubernetes/api-server/cluster';
import { Clusters } from '../../kubernetes/clusters/clusters';
import type { ImageSource } from '../../kubernetes/controllers/images';
import { localPathProvisioner } from '../../machines/kind-storage';
import { type KubernetesObject, type Machine, World } from '../../world';

/** Key of the machine that tests run their cluster on. */
export const MACHINE = 'projects/demo/zones/europe-west1-b/instances/vm';

/** Images of `registry.test/` are the sandbox's own: `app:1` is for amd64, `arm:1` for arm64; there are no others. */
const IMAGES: ImageSource = {
  find(reference) {
    if (!reference.startsWith('registry.test/')) return 'unknown-registry';
    const architecture = { 'registry.test/app:1': 'amd64', 'registry.test/arm:1': 'arm64' }[reference];
    return architecture ? { digest: 'sha256:0', architectures: [architecture], pushedAt: '' } : undefined;
  },
};

/** A running machine with a cluster fresh from its first boot. */
export function startCluster(
  world = World.inMemory(),
  machine: Partial<Machine> = {},
): { world: World; clusters: Clusters; cluster: Cluster } {
  world.data.machines[MACHINE] = {
    name: 'vm',
    address: '10.0.0.2',
    architecture: 'amd64',
    memoryMiB: 4096,
    cpus: 2,
    disk: 'disk',
    startupScript: '',
    state: 'running',
    ...machine,
  };
  const clusters = new Clusters(world, { controllers: [], images: IMAGES });
  clusters.install(MACHINE, {
    nodeName: 'node-1',
    kubernetesVersion: '1.34.2',
    certificateNames: ['10.0.0.2', 'localhost'],
  });
  return { world, clusters, cluster: clusters.get(MACHINE) as Cluster };
}

/** Switches the machine off, or on again. */
export function power(world: World, state: 'running' | 'stopped'): void {
  const machine = world.data.machines[MACHINE];
  if (machine) machine.state = state;
  world.events.emit('machine', MACHINE);
}

/** An object of namespace `default`. */
export function object(apiVersion: string, kind: string, name: string, content: object = {}): KubernetesObject {
  return { apiVersion, kind, metadata: { name, namespace: 'default' }, ...content };
}

/** A pod template of one container. */
export function template(container: object = {}, spec: object = {}) {
  const containers = [{ name: 'main', image: 'docker.io/library/nginx:1', ...container }];
  return { metadata: { labels: { app: 'web' } }, spec: { containers, ...spec } };
}

/** A Deployment of one replica. */
export function deployment(container: object = {}, spec: object = {}, pod: object = {}): KubernetesObject {
  const content = { selector: { matchLabels: { app: 'web' } }, template: template(container, pod), ...spec };
  return object('apps/v1', 'Deployment', 'web', { spec: content });
}

/** A StatefulSet of one replica with one volume. */
export function statefulSet(container: object = {}, claim: object = {}): KubernetesObject {
  const claimSpec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...claim };
  const spec = {
    serviceName: 'web',
    selector: { matchLabels: { app: 'web' } },
    template: template(container),
    volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claimSpec }],
  };
  return object('apps/v1', 'StatefulSet', 'db', { spec });
}

/** The local-path provisioner and, as the last object, its default storage class. */
export function localPath(reclaimPolicy: string): KubernetesObject[] {
  const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
  return [
    ...localPathProvisioner('local-path-storage'),
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'local-path', annotations },
      provisioner: 'rancher.io/local-path',
      volumeBindingMode: 'WaitForFirstConsumer',
      reclaimPolicy,
    },
  ];
}
