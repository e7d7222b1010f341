import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GitRemotes } from '../../../git/remotes';
import { refOf } from '../../../kubernetes/api-server/reference';
import { ArgoCd } from '../../../kubernetes/argocd/argocd';
import { charts } from '../../../kubernetes/charts/chart';
import { renderChart } from '../../../kubernetes/charts/render';
import { newestBuild } from '../../../kubernetes/image-updater/choice';
import { ImageUpdater } from '../../../kubernetes/image-updater/image-updater';
import { newTag } from '../../../kubernetes/image-updater/target';
import { pushImage } from '../../../registry/oci';
import type { KubernetesObject } from '../../../world';
import { FakeCluster } from '../../helm/fake-cluster';

const url = 'https://github.com/acme/platform.git';
const IMAGE = 'registry.test/web';
const KUSTOMIZATION = `resources: [web.yaml]
# The one place of each tag.
images:
  - name: registry.test/web # ours
    newTag: aaaaaa1
`;
const WEB = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 1
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: registry.test/web }] }
`;

const GIT = { branch: 'main', writeBackTarget: 'kustomization' };

let root: string;
let cluster: FakeCluster;
let remotes: GitRemotes;

function updater(settings: object = {}, writeBackConfig: object = {}) {
  return {
    apiVersion: 'argocd-image-updater.argoproj.io/v1alpha1',
    kind: 'ImageUpdater',
    metadata: { name: 'web', namespace: 'argocd' },
    spec: {
      applicationRefs: [{ namePattern: 'web', images: [{ alias: 'web', imageName: IMAGE }] }],
      commonUpdateSettings: { updateStrategy: 'newest-build', allowTags: 'regexp:^[0-9a-f]{7}$', ...settings },
      writeBackConfig: {
        method: 'git',
        gitConfig: GIT,
        ...writeBackConfig,
      },
    },
  };
}

function install(name: string): void {
  const chart = charts.find((one) => one.name === name) as (typeof charts)[0];
  for (const object of renderChart(chart, { name, namespace: 'argocd' }, chart.values).objects) cluster.apply(object);
}

/** The Secret by which Argo CD knows a repository. */
function repository(data: Record<string, string>) {
  const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'repository', namespace: 'argocd', labels: { 'argocd.argoproj.io/secret-type': 'repository' } },
    data: Object.fromEntries(encoded),
  };
}

const deployed = async () => remotes.read(url, (await remotes.head(url, 'main')) ?? '', 'k8s/kustomization.yaml');
const status = () =>
  cluster.get<KubernetesObject>(refOf(updater()))?.['status'] as { conditions: object[] } | undefined;
const running = () => cluster.get({ group: 'apps', kind: 'Deployment', namespace: 'web', name: 'web' });

async function push(tag: string, architecture = 'amd64'): Promise<void> {
  await cluster.world.clock.advance(1);
  pushImage(cluster.world, `${IMAGE}:${tag}`, [architecture]);
  await cluster.settled();
}

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'strata-updater-'));
  remotes = GitRemotes.open(join(root, 'git'));
  mkdirSync(join(root, 'tree/k8s'), { recursive: true });
  writeFileSync(join(root, 'tree/k8s/kustomization.yaml'), KUSTOMIZATION);
  writeFileSync(join(root, 'tree/k8s/web.yaml'), WEB);
  await remotes.seed(url, 'main', join(root, 'tree'));
  cluster = new FakeCluster();
  cluster.controllers.push(new ArgoCd(remotes), new ImageUpdater(cluster.world, remotes));
  cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'argocd' } });
  install('argo-cd');
  install('argocd-image-updater');
  cluster.apply(repository({ url, username: 'robot', password: 'x' }));
  await cluster.settled();
  cluster.apply({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'web', namespace: 'argocd' },
    spec: {
      project: 'default',
      source: { repoURL: url, targetRevision: 'main', path: 'k8s' },
      destination: { server: 'https://kubernetes.default.svc', namespace: 'web' },
      syncPolicy: { automated: {}, syncOptions: ['CreateNamespace=true'] },
    },
  });
  await push('aaaaaa1');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

test('a newer image is written to Git within two minutes, and Argo CD rolls it out', async () => {
  cluster.apply(updater());
  await cluster.settled();
  const before = cluster.world.clock.now();
  await push('aaaaaa2');
  expect(await deployed()).toBe(KUSTOMIZATION.replace('aaaaaa1', 'aaaaaa2'));
  expect(running()).toMatchObject({ spec: { template: { spec: { containers: [{ image: `${IMAGE}:aaaaaa2` }] } } } });
  expect(cluster.world.clock.now() - before).toBeLessThanOrEqual((120 + 75 + 30) * 1000);
  expect(status()).toMatchObject({ applicationsMatched: 1, imagesManaged: 1, conditions: [{ status: 'True' }] });
  const log = execFileSync('git', ['log', '-1', '--format=%an %s', 'main'], { cwd: remotes.resolve(url) });
  expect(log.toString().trim()).toBe('argocd-image-updater build: automatic update of web');
});

test('with nothing newer it writes nothing and does not advance time', async () => {
  cluster.apply(updater());
  const [head, now] = [await remotes.head(url, 'main'), cluster.world.clock.now()];
  await cluster.settled();
  expect([await remotes.head(url, 'main'), cluster.world.clock.now()]).toEqual([head, now]);
});

test('a pin holds against a newer image until it is taken away', async () => {
  cluster.apply(updater({ allowTags: 'regexp:^aaaaaa1$' }));
  await push('aaaaaa2');
  await cluster.world.clock.advance(600);
  expect(await deployed()).toBe(KUSTOMIZATION);
  cluster.apply(updater());
  await cluster.settled();
  expect(await deployed()).toContain('newTag: aaaaaa2');
});

test('tags that are no commits, and images for other machines, are left alone', async () => {
  cluster.apply(updater());
  await push('deployed-prod');
  await push('aaaaaa3', 'arm64');
  expect(await deployed()).toBe(KUSTOMIZATION);
});

test.each([
  [
    'another strategy',
    updater({ updateStrategy: 'semver' }),
    'web: the sandbox simulates only updateStrategy newest-build',
  ],
  ['write-back to the cluster', updater({}, { method: 'argocd' }), 'web: the sandbox simulates only method git'],
  ['a key that is not there', updater({}, { method: 'git:secret:argocd/key' }), 'secrets "key" not found'],
  [
    'a key in a namespace that its Role does not reach',
    updater({}, { method: 'git:secret:web/key' }),
    'secrets "key" is forbidden: User "system:serviceaccount:argocd:argocd-image-updater" cannot get resource "secrets" in API group "" in the namespace "web"',
  ],
  [
    'a repository that Argo CD does not know',
    updater({}, { gitConfig: { ...GIT, repository: 'git@github.com:acme/platform.git' } }),
    "credentials for 'git@github.com:acme/platform.git' are not configured in Argo CD settings",
  ],
])('%s is refused in the status', async (_, object, message) => {
  cluster.apply(object);
  await cluster.world.clock.advance(121);
  await cluster.settled();
  expect(status()?.conditions).toEqual([expect.objectContaining({ message: expect.stringContaining(message) })]);
});

test.each([
  ['whose host key Argo CD knows', 'github.com', true],
  ['of a host that it does not know', 'git.example.com', false],
])('a key pushes by SSH to a repository %s', async (_, host, works) => {
  const ssh = `git@${host}:acme/platform.git`;
  cluster.apply(repository({ url: ssh, sshPrivateKey: 'a key', project: 'default' }));
  await remotes.seed(ssh, 'main', join(root, 'tree'));
  cluster.apply(updater({}, { gitConfig: { ...GIT, repository: ssh } }));
  await cluster.world.clock.advance(121);
  await cluster.settled();
  const message = works ? /checked every image/ : /No ED25519 host key is known for git.example.com/;
  expect(status()?.conditions).toEqual([expect.objectContaining({ message: expect.stringMatching(message) })]);
});

test('an ImageUpdater does not go while its controller is away', async () => {
  cluster.apply(updater());
  await cluster.settled();
  const [deployment] = cluster
    .list('apps', 'Deployment', 'argocd')
    .filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/name'] === 'argocd-image-updater');
  if (deployment) cluster.delete(refOf(deployment));
  cluster.delete(refOf(updater()));
  await cluster.settled();
  expect(cluster.get(refOf(updater()))).toBeDefined();
  install('argocd-image-updater');
  await cluster.settled();
  expect(cluster.get(refOf(updater()))).toBeUndefined();
});

test('a tag that YAML takes for a number is quoted, and quotes stay as they are', () => {
  expect(newTag(KUSTOMIZATION, IMAGE, '12345e7')).toBe(KUSTOMIZATION.replace('aaaaaa1', '"12345e7"'));
  const quoted = KUSTOMIZATION.replace('aaaaaa1', "'aaaaaa1'");
  expect(newTag(quoted, IMAGE, '1234567')).toBe(quoted.replace('aaaaaa1', '1234567'));
});

test('the newest build is the one built last, not the last in the order of letters', () => {
  const image = (pushedAt: string) => ({ digest: '', architectures: ['amd64'], pushedAt });
  const tags = { b: image('2026-01-01T00:00:00Z'), a: image('2026-01-02T00:00:00Z') };
  expect(newestBuild(tags, { updateStrategy: 'newest-build' }, 'amd64')).toBe('a');
  expect(newestBuild(tags, { updateStrategy: 'newest-build', ignoreTags: ['a*'] }, 'amd64')).toBe('b');
});
