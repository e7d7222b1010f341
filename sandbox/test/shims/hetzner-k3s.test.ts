import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { controlApi } from '../../control';
import { type Listening, listen } from '../../http';
import { Clusters } from '../../kubernetes/clusters/clusters';
import { addExistingClusters, existingKey } from '../../machines/existing';
import { World } from '../../world';

const HETZNER_K3S = join(__dirname, '../../shims/hetzner-k3s');
const home = mkdtempSync(join(tmpdir(), 'hetzner-k3s-'));
const world = World.inMemory();
const clusters = new Clusters(world, { controllers: [], images: { find: () => undefined } });
const first = { nodeName: 'demo-master1', memoryMiB: 8192, cpus: 4, architecture: 'amd64' } as const;
let api: Listening;

beforeAll(async () => {
  addExistingClusters(world, clusters, [
    { ...first, context: 'demo', distribution: 'hetzner-k3s', kubeconfig: '~/demo.yaml', storageClasses: ['a'] },
  ]);
  api = await listen(0, [controlApi(world, clusters, () => api.baseUrl)]);
  for (const name of ['key', 'key.pub']) writeFileSync(join(home, name), name);
});
afterAll(async () => {
  await api.close();
  rmSync(home, { recursive: true });
});

const config = {
  cluster_name: 'demo',
  kubeconfig_path: '~/new/demo.yaml',
  protect_against_deletion: false,
  networking: { ssh: { private_key_path: '~/key', public_key_path: '~/key.pub' } },
  masters_pool: { instance_count: 1 },
  worker_node_pools: [{ name: 'workers', instance_count: 2 }],
};
const nodes = () =>
  clusters
    .get(existingKey('demo'))
    ?.list('', 'Node')
    .map(({ metadata }) => metadata.name);

function hetzner(verb: string, changes: object = {}, { input = '', token = 'token' } = {}): Promise<[number, string]> {
  const file = join(home, 'config.yaml');
  writeFileSync(file, stringify({ ...config, ...changes }));
  const env = { PATH: process.env['PATH'], HOME: home, STRATA_SANDBOX: api.baseUrl, HCLOUD_TOKEN: token };
  return new Promise((resolve) => {
    const child = execFile(HETZNER_K3S, [verb, '--config', file], { env }, (error, _, stderr) =>
      resolve([error ? Number(error.code) : 0, stderr.trim()]),
    );
    child.stdin?.end(input);
  });
}

test('nodes join an existing cluster once, and its kubeconfig is written', async () => {
  const kubeconfig = join(home, 'new/demo.yaml');
  expect(existsSync(kubeconfig)).toBe(false);
  const said = (count: number) =>
    `hetzner-k3s (simulated): the simulated cluster demo exists; ${count} nodes have joined it`;
  expect(await hetzner('create')).toEqual([0, said(2)]);
  expect(nodes()).toEqual(['demo-master1', 'demo-pool-workers-worker1', 'demo-pool-workers-worker2']);
  expect(clusters.fromKubeconfig(readFileSync(kubeconfig, 'utf8')).host.name).toBe('demo-master1');
  expect(await hetzner('create')).toEqual([0, said(0)]);
});

test('nodes leave, and the cluster stays', async () => {
  expect(await hetzner('delete', {}, { input: 'demo\n' })).toEqual([
    0,
    'hetzner-k3s (simulated): 2 nodes have left the simulated cluster demo, which stays',
  ]);
  expect(nodes()).toEqual(['demo-master1']);
});

test.each([
  ['another cluster', 'create', { cluster_name: 'other' }, {}, 'cluster other does not exist in the sandbox'],
  ['a call without a token', 'create', {}, { token: '' }, 'HCLOUD_TOKEN is not set'],
  [
    'a key that does not exist',
    'create',
    { networking: { ssh: { private_key_path: '~/none', public_key_path: '~/key.pub' } } },
    {},
    'ENOENT',
  ],
  ['a protected cluster', 'delete', { protect_against_deletion: true }, {}, 'demo is protected against deletion'],
  ['another name', 'delete', {}, { input: 'demmo' }, 'enter the name of the cluster, demo; got "demmo"'],
  ['another verb', 'upgrade', {}, {}, 'not simulated; the sandbox knows create and delete, each with --config FILE'],
])('refuses %s', async (_, verb, changes, how, message) => {
  expect(await hetzner(verb, changes, how)).toEqual([1, expect.stringContaining(message)]);
});
