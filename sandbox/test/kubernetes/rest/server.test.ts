import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { listen } from '../../../http';
import type { Cluster } from '../../../kubernetes/api-server/cluster';
import { handleKubernetes } from '../../../kubernetes/rest/server';
import type { World } from '../../../world';
import { deployment, MACHINE, object, power, startCluster } from '../ground';

const home = mkdtempSync(join(tmpdir(), 'kubectl-'));
let cluster: Cluster;
let world: World;
let baseUrl: string;
let close: () => unknown;

beforeAll(async () => {
  const started = startCluster();
  ({ cluster, world } = started);
  await cluster.settled();
  ({ baseUrl, close } = await listen(0, [
    (request, response) => handleKubernetes(started.clusters, request, response),
  ]));
  writeFileSync(join(home, 'kubeconfig'), started.clusters.kubeconfig(MACHINE, baseUrl));
});
afterAll(async () => {
  world.clock.stop();
  await close();
  rmSync(home, { recursive: true });
});

/** Runs the real kubectl. Returns what it printed, errors too. */
async function kubectl(...args: string[]): Promise<string> {
  const env = { PATH: process.env['PATH'], HOME: home, KUBECONFIG: join(home, 'kubeconfig') };
  const { stdout, stderr } = await promisify(execFile)('kubectl', args, { env, timeout: 10_000 }).catch(
    (error) => error,
  );
  return `${stdout}${stderr}`;
}

function manifest(content: object): string {
  const file = join(home, 'manifest.json');
  writeFileSync(file, JSON.stringify(content));
  return file;
}

test('kubectl prints tables of pods and nodes', async () => {
  expect(await kubectl('get', 'nodes')).toMatch(/NAME\s+STATUS\s+VERSION\s+AGE\nnode-1\s+Ready\s+v1\.34\.2\+k0s/);
  expect(await kubectl('get', 'po', '-A', '-l', 'k8s-app=kube-dns')).toMatch(
    /NAMESPACE.*READY.*\nkube-system\s+coredns-\S+\s+1\/1\s+Running/,
  );
});

test('kubectl applies on both sides, and follows the rollout to its end', async () => {
  expect(await kubectl('apply', '-f', manifest(deployment()))).toBe('deployment.apps/web created\n');
  expect(await kubectl('rollout', 'status', 'deploy/web', '--timeout=8s')).toContain(
    'deployment "web" successfully rolled out',
  );
  const next = manifest(deployment({ image: 'docker.io/library/nginx:2' }));
  expect(await kubectl('apply', '--server-side', '--force-conflicts', '-f', next)).toBe(
    'deployment.apps/web serverside-applied\n',
  );
  expect(await kubectl('rollout', 'status', 'deploy/web', '--timeout=8s')).toContain('successfully rolled out');
  expect(await kubectl('get', 'deploy', 'web', '-o', 'jsonpath={.spec.template.spec.containers[0].image}')).toBe(
    'docker.io/library/nginx:2',
  );
  expect(await kubectl('logs', 'deploy/web')).toContain('simulated: docker.io/library/nginx:2 counts as running');
  expect(await kubectl('set', 'image', 'deploy/web', 'main=registry.test/app:typo')).toContain('image updated');
  expect(await kubectl('rollout', 'status', 'deploy/web', '--timeout=8s')).toContain(
    'error: deployment "web" exceeded its progress deadline',
  );
});

test('a dry run of the server changes nothing, whatever it is asked to do', async () => {
  const dryRun = '--dry-run=server';
  const config = object('v1', 'ConfigMap', 'dry', { data: { a: '1' } });
  await kubectl('apply', '-f', manifest(config));
  const before = JSON.stringify([cluster.list('', 'ConfigMap'), cluster.list('', 'Namespace')]);
  const changed = manifest({ ...config, data: { a: '2' } });
  expect(await kubectl('create', 'namespace', 'never', dryRun)).toContain('created (server dry run)');
  expect(await kubectl('apply', '--server-side', '-f', changed, dryRun)).toContain(
    'serverside-applied (server dry run)',
  );
  expect(await kubectl('replace', '-f', changed, dryRun)).toContain('replaced (server dry run)');
  expect(await kubectl('patch', 'cm', 'dry', '-p', '{"data":{"a":"3"}}', dryRun)).toContain('patched');
  expect(await kubectl('delete', 'cm', 'dry', dryRun)).toContain('deleted (server dry run)');
  expect(JSON.stringify([cluster.list('', 'ConfigMap'), cluster.list('', 'Namespace')])).toBe(before);
});

test('kubectl waits for a deletion', async () => {
  expect(await kubectl('create', 'namespace', 'short')).toBe('namespace/short created\n');
  expect(await kubectl('delete', 'namespace', 'short', '--timeout=8s')).toBe('namespace "short" deleted\n');
  expect(await kubectl('get', 'ns', 'short')).toContain('Error from server (NotFound): namespaces "short" not found');
});

test('kubectl patches in three ways and describes what went wrong', async () => {
  await kubectl('apply', '-f', manifest(object('v1', 'ConfigMap', 'c', { data: { a: '1', b: '1' } })));
  await kubectl('patch', 'cm', 'c', '--type=merge', '-p', '{"data":{"a":null,"c":"1"}}');
  await kubectl('patch', 'cm', 'c', '--type=json', '-p', '[{"op":"replace","path":"/data/b","value":"2"}]');
  await kubectl('label', 'cm', 'c', 'team=a');
  expect(cluster.get({ group: '', kind: 'ConfigMap', namespace: 'default', name: 'c' })).toMatchObject({
    data: { b: '2', c: '1' },
    metadata: { labels: { team: 'a' } },
  });
  await kubectl(
    'apply',
    '-f',
    manifest(
      object('v1', 'PersistentVolumeClaim', 'p', {
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      }),
    ),
  );
  await cluster.settled();
  expect(await kubectl('describe', 'pvc', 'p')).toContain(
    'no persistent volumes available for this claim and no storage class is set',
  );
});

test('everybody may do everything', async () => {
  expect(await kubectl('auth', 'can-i', 'delete', 'pods')).toBe('yes\n');
});

test('a watch tells what changes, and only of what it selects', async () => {
  const from = cluster.data.resourceVersion;
  const query = `watch=true&labelSelector=team%3Da&resourceVersion=${from}`;
  const response = await fetch(`${baseUrl}/clusters/${encodeURIComponent(MACHINE)}/api/v1/configmaps?${query}`);
  const reader = response.body?.getReader();
  cluster.apply(object('v1', 'ConfigMap', 'other'));
  cluster.apply({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'w', namespace: 'default', labels: { team: 'a' } },
  });
  const { value } = (await reader?.read()) ?? {};
  expect(JSON.parse(Buffer.from(value ?? []).toString())).toMatchObject({
    type: 'ADDED',
    object: { metadata: { name: 'w' } },
  });
  await reader?.cancel();
});

test('a machine that is off answers with the words of a dead one', async () => {
  power(world, 'stopped');
  const response = await fetch(`${baseUrl}/clusters/${encodeURIComponent(MACHINE)}/api/v1/pods`);
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({
    kind: 'Status',
    message: 'dial tcp 10.0.0.2:6443: connect: connection refused',
  });
  power(world, 'running');
});
