import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { Clusters } from '../../kubernetes/clusters/clusters';
import { addToKubeconfig, adminKubeconfig, serverOf } from '../../kubernetes/clusters/kubeconfig';
import {
  addExistingClusters,
  type ExistingCluster,
  existingKey,
  isExisting,
  writeExistingKubeconfigs,
} from '../../machines/existing';
import { World } from '../../world';

const laptop: ExistingCluster = {
  context: 'kind-demo',
  kubeconfig: '~/.kube/config',
  nodeName: 'demo-control-plane',
  memoryMiB: 8192,
  cpus: 4,
  architecture: 'arm64',
  storageClasses: ['standard'],
};

function bring(existing: readonly ExistingCluster[], world = World.inMemory()) {
  const clusters = new Clusters(world, { controllers: [], images: { find: () => 'unknown-registry' } });
  addExistingClusters(world, clusters, existing);
  const cluster = clusters.get(existingKey(laptop.context));
  if (!cluster) throw new Error('no cluster');
  return { world, clusters, cluster };
}

test('a cluster that exists has its node, and claims find a volume by the default storage class', async () => {
  const { cluster } = bring([laptop]);
  await cluster.settled();
  expect(cluster.list('', 'Node')).toMatchObject([
    { metadata: { name: 'demo-control-plane' }, status: { capacity: { cpu: '4', memory: '8192Mi' } } },
  ]);
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data', namespace: 'default' } };
  cluster.apply({
    ...claim,
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  });
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
  const containers = [{ name: 'main', image: 'docker.io/library/nginx:1' }];
  cluster.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'pod', namespace: 'default' },
    spec: { containers, volumes },
  });
  await cluster.settled();
  const bound = cluster.get({ group: '', kind: 'PersistentVolumeClaim', namespace: 'default', name: 'data' });
  expect(bound).toMatchObject({ spec: { storageClassName: 'standard' }, status: { phase: 'Bound' } });
});

test('a cluster that was there keeps what runs in it, on a machine that may have grown', () => {
  const { world, cluster } = bring([laptop]);
  cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'mine' } });
  const again = bring([{ ...laptop, memoryMiB: 16_384 }], world);
  expect(again.cluster.get({ group: '', kind: 'Namespace', name: 'mine' })).toBeDefined();
  expect(again.cluster.host.memoryMiB).toBe(16_384);
});

test('its kubeconfig adds its context to others, and no current one', () => {
  const home = mkdtempSync(join(tmpdir(), 'strata-existing-'));
  try {
    const { clusters } = bring([laptop, { ...laptop, context: 'kind-other' }]);
    const write = (context: string) =>
      writeExistingKubeconfigs(home, [{ ...laptop, context }], (key) => clusters.kubeconfig(key, 'http://127.0.0.1:1'));
    for (const context of ['kind-demo', 'kind-other', 'kind-demo']) write(context);
    const file = join(home, '.kube/config');
    const text = () => readFileSync(file, 'utf8');
    expect(parse(text()).contexts.map(({ name }: { name: string }) => name)).toEqual(['kind-other', 'kind-demo']);
    expect(() => serverOf(text())).toThrow('no configuration has been provided');
    expect(clusters.fromKubeconfig(text(), 'kind-demo').host.name).toBe('demo-control-plane');
    addToKubeconfig(file, adminKubeconfig('vm', 'http://127.0.0.1:1/clusters/vm'));
    expect(serverOf(text())).toBe('http://127.0.0.1:1/clusters/vm');
    expect(serverOf(text(), 'kind-demo')).toContain('kind-demo');
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});

test('one of hetzner-k3s brings its CSI driver, whose volumes outlive their claims where the class says so', async () => {
  const { cluster } = bring([{ ...laptop, distribution: 'hetzner-k3s', storageClasses: ['hcloud-volumes'] }]);
  expect(cluster.kind('helm.cattle.io', 'HelmChart')).toBeDefined();
  expect(cluster.list('storage.k8s.io', 'StorageClass')).toMatchObject([
    { metadata: { name: 'hcloud-volumes' }, allowVolumeExpansion: true },
  ]);
  cluster.apply({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'kept' },
    provisioner: 'csi.hetzner.cloud',
    reclaimPolicy: 'Retain',
  });
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data', namespace: 'default' } };
  const resources = { requests: { storage: '10Gi' } };
  cluster.apply({ ...claim, spec: { storageClassName: 'kept', accessModes: ['ReadWriteOnce'], resources } });
  await cluster.settled();
  const [volume] = cluster.list('', 'PersistentVolume');
  expect(volume).toMatchObject({ spec: { csi: { driver: 'csi.hetzner.cloud' } }, status: { phase: 'Bound' } });
  cluster.delete({ group: '', kind: claim.kind, ...claim.metadata });
  await cluster.settled();
  expect(cluster.list('', 'PersistentVolume')).toMatchObject([{ status: { phase: 'Released' } }]);
});

test('machines of existing clusters are told from those of simulated clouds', () => {
  expect(isExisting(existingKey('kind-demo'))).toBe(true);
  expect(isExisting('projects/demo/zones/z/instances/vm')).toBe(false);
});
