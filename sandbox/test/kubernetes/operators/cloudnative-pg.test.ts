import type { Cluster } from '../../../kubernetes/api-server/cluster';
import { refOf } from '../../../kubernetes/api-server/reference';
import { cloudnativePg } from '../../../kubernetes/operators/cloudnative-pg';
import type { KubernetesObject } from '../../../world';
import { health, namesOf, operatorCluster, put } from './ground';

const GROUP = 'postgresql.cnpg.io';

let cluster: Cluster;
beforeEach(async () => {
  cluster = await operatorCluster(cloudnativePg, 'cloudnative-pg');
});

const database = (spec: object = {}): KubernetesObject => ({
  apiVersion: `${GROUP}/v1`,
  kind: 'Cluster',
  metadata: { name: 'db', namespace: 'default' },
  spec: {
    instances: 2,
    imageName: 'ghcr.io/cloudnative-pg/postgresql:18.1',
    storage: { storageClass: 'local-path', size: '1Gi' },
    bootstrap: { initdb: { database: 'todo', owner: 'ann' } },
    ...spec,
  },
});

const pods = () => namesOf(cluster, '', 'Pod').filter((name) => name.startsWith('db-'));
const status = () => cluster.list(GROUP, 'Cluster')[0]?.['status'] as { phase: string; phaseReason?: string };

test('a Cluster becomes instances with claims, three services, and a healthy Cluster', async () => {
  await put(cluster, database());
  expect(pods()).toEqual(['db-1', 'db-2']);
  expect(namesOf(cluster, '', 'PersistentVolumeClaim')).toEqual(['db-1', 'db-2']);
  expect(namesOf(cluster, '', 'Service')).toEqual(expect.arrayContaining(['db-r', 'db-ro', 'db-rw']));
  expect(status()).toMatchObject({
    phase: 'Cluster in healthy state',
    instances: 2,
    readyInstances: 2,
    currentPrimary: 'db-1',
  });
  expect(health(cluster, GROUP, 'Cluster')).toBe('Healthy');
});

test('its application finds every part of its address in a Secret that stays the same', async () => {
  await put(cluster, database());
  const read = () => {
    const secret = cluster.get({ group: '', kind: 'Secret', namespace: 'default', name: 'db-app' });
    const entries = Object.entries((secret?.['data'] ?? {}) as Record<string, string>);
    return Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
  };
  const before = read();
  const { password } = before;
  expect(before).toMatchObject({
    username: 'ann',
    dbname: 'todo',
    host: 'db-rw',
    port: '5432',
    uri: `postgresql://ann:${password}@db-rw.default:5432/todo`,
    'fqdn-uri': `postgresql://ann:${password}@db-rw.default.svc.cluster.local:5432/todo`,
  });
  await put(cluster, database({ instances: 1 }));
  expect(read()).toEqual(before);
});

test('on a storage class that is not there it never becomes healthy', async () => {
  await put(cluster, database({ storage: { storageClass: 'fast', size: '1Gi' } }));
  expect(pods()).toEqual(['db-1']);
  expect(status().phase).toBe('Setting up primary');
  expect(health(cluster, GROUP, 'Cluster')).toBe('Progressing');
});

test('what the API refuses is in its status', async () => {
  const quarantine = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await put(cluster, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default', labels: quarantine } });
  await put(cluster, database({ storage: { storageClass: 'local-path' } }));
  expect(status().phase).toBe('Unable to create required cluster objects');
  expect(status().phaseReason).toContain('spec.resources');
});

test('instances pass the restricted Pod Security level', async () => {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await put(cluster, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default', labels } }, database());
  expect(health(cluster, GROUP, 'Cluster')).toBe('Healthy');
});

test('a new image replaces replicas first, and each keeps its claim', async () => {
  await put(cluster, database());
  const before = cluster.list('', 'PersistentVolumeClaim').map(({ metadata }) => metadata.uid);
  await put(cluster, database({ imageName: 'ghcr.io/cloudnative-pg/postgresql:18.2' }));
  const images = cluster
    .list('', 'Pod', 'default')
    .map((pod) => JSON.stringify(pod['spec']).match(/postgresql:[\d.]+/)?.[0]);
  expect(images.filter(Boolean)).toEqual(['postgresql:18.2', 'postgresql:18.2']);
  expect(cluster.list('', 'PersistentVolumeClaim').map(({ metadata }) => metadata.uid)).toEqual(before);
});

test('fewer instances take the last ones away with their claims, and a deleted Cluster takes all', async () => {
  await put(cluster, database());
  await put(cluster, database({ instances: 1 }));
  expect(pods()).toEqual(['db-1']);
  expect(namesOf(cluster, '', 'PersistentVolumeClaim')).toEqual(['db-1']);
  cluster.delete(refOf(database()));
  await cluster.settled();
  expect(pods()).toEqual([]);
  expect(namesOf(cluster, '', 'Secret')).not.toContain('db-app');
});

test('without its operator nothing happens to a Cluster', async () => {
  cluster.delete({ group: 'apps', kind: 'Deployment', namespace: 'operators', name: 'cloudnative-pg' });
  await cluster.settled();
  await put(cluster, database());
  expect(pods()).toEqual([]);
  expect(health(cluster, GROUP, 'Cluster')).toBe('Progressing');
});
