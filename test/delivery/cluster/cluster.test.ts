import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parse } from 'yaml';
import { assertTrigger, readConfig } from '../../../delivery/cluster/config';
import { bringUpCluster } from '../../../delivery/cluster/create';
import {
  assertHetznerK3s,
  CLUSTER_SECRETS,
  clusterSecrets,
  createCluster,
  deleteCluster,
} from '../../../delivery/cluster/hetzner-k3s';
import { nodesIn, readiness } from '../../../delivery/cluster/readiness';
import { Timeline } from '../../../delivery/ship/timeline';
import { loadPlatform } from '../../../platforms/load';
import { temporaryFolder } from '../../helpers/synth';
import { FakeCluster, JumpingClock } from '../rollout/fake-cluster';

const folder = temporaryFolder();
const bin = join(folder, 'bin');
const memory = join(folder, 'memory');
const platform = loadPlatform('real-estate');
const config = readConfig(platform, 'test');
const values = Object.fromEntries(CLUSTER_SECRETS.map((name) => [name, `the-value-of-${name}`]));
const secrets = clusterSecrets(values);
const COUNT = nodesIn(config);
const { PATH, HOME } = process.env;

beforeAll(() => {
  for (const path of [bin, memory, join(folder, '.kube/strata')]) mkdirSync(path, { recursive: true });
  stub(
    'hetzner-k3s',
    `[ "$1" = --version ] && { echo 2.4.7; exit 0; }
     printf '%s\\n' "$@" >${folder}/arguments; cat >${folder}/input; cp "$3" ${folder}/config
     printf %s "$HCLOUD_TOKEN" >${folder}/token
     sed -n 's/.*_key_path: //p' "$3" | while read -r key; do stat -c %a "$key"; cat "$key"; done >${folder}/keys
     echo kubeconfig >${folder}/.kube/strata/real-estate-test.yaml`,
  );
  stub(
    'gh',
    `printf '%s\\n' "$@" >${folder}/gh-arguments; cat >${folder}/gh-input; printf %s "$GH_TOKEN" >${folder}/gh-token`,
  );
  Object.assign(process.env, { PATH: [bin, PATH].join(delimiter), HOME: folder });
});
afterAll(() => Object.assign(process.env, { PATH, HOME }));

function stub(name: string, body: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
}

const said = (name: string) => readFileSync(join(folder, name), 'utf8');
const node = (name: string, status: string) => ({
  metadata: { name },
  status: { conditions: [{ type: 'Ready', status, message: 'its network is not ready' }] },
});
const nodes = (count: number, status = 'True') => ({
  items: Array.from({ length: count }, (_, index) => node(`node-${index}`, status)),
});
const driver = { 'csidriver/csi.hetzner.cloud': {}, 'storageclass/hcloud-volumes': {} };

test('keys and token reach hetzner-k3s in memory, are for this user alone, and are gone afterwards', async () => {
  await createCluster(config, { secrets, memory });
  expect(said('keys')).toBe('600\nthe-value-of-HETZNER_SSH_PUBLIC_KEY\n600\nthe-value-of-HETZNER_SSH_PRIVATE_KEY\n');
  expect(said('token')).toBe('the-value-of-HETZNER_TOKEN');
  expect(said('arguments') + said('config')).not.toContain('the-value-of');
  const { auto_deploy: _, ...theirs } = config;
  const { ssh: __, ...networking } = theirs.networking;
  expect(parse(said('config'))).toMatchObject({ ...theirs, networking, protect_against_deletion: true });
  expect(parse(said('config'))).not.toHaveProperty('auto_deploy');
  expect(readdirSync(memory)).toEqual([]);
});

test('the keys are gone after a failure too', async () => {
  stub('hetzner-k3s', 'echo "server limit reached" >&2; exit 1');
  await expect(createCluster(config, { secrets, memory })).rejects.toThrow(
    'hetzner-k3s create: exit code 1: server limit reached',
  );
  expect(readdirSync(memory)).toEqual([]);
  await expect(assertHetznerK3s()).rejects.toThrow('hetzner-k3s v2.4.7 is needed, found none; install https://');
  stub('hetzner-k3s', 'echo 2.3.2');
  await expect(assertHetznerK3s()).rejects.toThrow('hetzner-k3s v2.4.7 is needed, found v2.3.2');
});

test('without a file system in memory nothing is written', async () => {
  await expect(createCluster(config, { secrets, memory: join(folder, 'none') })).rejects.toThrow(
    'there is no file system in memory at',
  );
});

test('a deletion confirms by the name of the cluster, and lifts its protection for this call only', async () => {
  stub('hetzner-k3s', `cat >${folder}/input; cp "$3" ${folder}/config`);
  await deleteCluster(config, { secrets, memory });
  expect(said('input')).toBe('hetzner-test-cluster\n');
  expect(parse(said('config')).protect_against_deletion).toBe(false);
  expect(readConfig(platform, 'test').protect_against_deletion).toBe(true);
});

test.each([
  [
    'all there',
    { nodes: nodes(2), ...driver },
    ['2 of 2 ready', 'csi.hetzner.cloud installed', 'hcloud-volumes exists'],
  ],
  ['a node too few', { nodes: nodes(1), ...driver }, ['1 of 2 ready; 1 missing', undefined, undefined]],
  [
    'nodes that are not ready',
    { nodes: nodes(2, 'False'), ...driver },
    ['0 of 2 ready; node-0: its network is not ready; node-1: its network is not ready', undefined, undefined],
  ],
  ['no driver', { nodes: nodes(2) }, [undefined, 'csi.hetzner.cloud missing', 'hcloud-volumes missing']],
])('a cluster with %s', async (name, objects, details) => {
  const found = await readiness(new FakeCluster(objects), 2);
  expect(found.every(({ ok }) => ok)).toBe(name === 'all there');
  for (const [index, detail] of details.entries()) if (detail) expect(found[index]?.detail).toBe(detail);
});

test('a cluster is created, awaited, and handed to GitHub by a token that may write its secret', async () => {
  stub('hetzner-k3s', '[ "$1" = --version ] && echo 2.4.7; exit 0');
  const clock = new JumpingClock();
  const cluster = new FakeCluster({ nodes: nodes(1) });
  clock.onSleep = (ms) => {
    if (ms >= 10_000) Object.assign(cluster.objects, { nodes: nodes(COUNT), ...driver });
  };
  const lines: string[] = [];
  const tools = { platform, env: 'test', clock, signal: new AbortController().signal, kubectl: () => cluster };
  const timeline = new Timeline(clock);
  const report = (line: string) => lines.push(line);
  await bringUpCluster({ ...tools, report }, { config, secrets, infraToken: 'infra-token' }, timeline);
  expect(timeline.steps.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
    'hetzner-k3s ok',
    'create ok',
    'ready ok',
    'kubeconfig ok',
  ]);
  expect(lines).toEqual([
    `  nodes: 1 of ${COUNT} ready; ${COUNT - 1} missing; CSI driver: csi.hetzner.cloud missing; storage class: hcloud-volumes missing`,
  ]);
  expect(said('gh-arguments').trim().split('\n')).toEqual(
    'secret set KUBECONFIG --env test --repo real-estate-platform/infra'.split(' '),
  );
  expect([said('gh-input'), said('gh-token')]).toEqual(['kubeconfig\n', 'infra-token']);
});

test('without a token for GitHub the kubeconfig stays where it is, which is said', async () => {
  const lines: string[] = [];
  const tools = {
    ...{ platform, env: 'test', clock: new JumpingClock(), signal: new AbortController().signal },
    ...{
      kubectl: () => new FakeCluster({ nodes: nodes(COUNT), ...driver }),
      report: (line: string) => lines.push(line),
    },
  };
  await bringUpCluster(tools, { config, secrets }, new Timeline(tools.clock));
  expect(lines).toEqual([
    '  the kubeconfig is in ~/.kube/strata/real-estate-test.yaml; set INFRA_DEPLOY_TOKEN to store it as secret KUBECONFIG of GitHub environment test',
  ]);
});

test('a cluster that does not become ready fails with what is missing', async () => {
  const tools = {
    ...{ platform, env: 'test', clock: new JumpingClock(), signal: new AbortController().signal },
    ...{ kubectl: () => new FakeCluster({ nodes: nodes(COUNT) }), report: () => undefined },
  };
  await expect(bringUpCluster(tools, { config, secrets }, new Timeline(tools.clock))).rejects.toThrow(
    'the cluster is not ready after 10 minutes: CSI driver: csi.hetzner.cloud missing; storage class: hcloud-volumes missing; run this again',
  );
});

test('a push creates only clusters with auto_deploy, never that of production', () => {
  expect(() => assertTrigger({ ...config, auto_deploy: true }, 'test', 'push')).not.toThrow();
  expect(() => assertTrigger(readConfig(platform, 'prod'), 'prod', 'push')).toThrow(
    'a push does not create the cluster of prod: auto_deploy is false in its cluster-config.yaml; start it by hand',
  );
  expect(() => assertTrigger(readConfig(platform, 'prod'), 'prod', 'manual')).not.toThrow();
});

test('other clusters and missing secrets are wrong usage', () => {
  expect(() => readConfig(loadPlatform('threads'), 'prod')).toThrow(
    'the cluster of environment "prod" of platform "threads" is of kind "k0s-vm"; this command is for "hetzner-k3s"',
  );
  expect(() => clusterSecrets({ HETZNER_TOKEN: 'x' })).toThrow(
    'HETZNER_SSH_PRIVATE_KEY, HETZNER_SSH_PUBLIC_KEY missing; set them in the environment',
  );
});
