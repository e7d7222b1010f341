import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse } from 'yaml';
import { controlPath, readControl } from '../../../delivery/gate/control';
import { render } from '../../../manifests/checks/render';
import { platformFrom, sourceOf } from '../../../manifests/description';
import { type EnvironmentRequest, newEnvironment } from '../../../manifests/scaffold/new-environment';
import { Tree } from '../../../manifests/scaffold/tree';
import { loadPlatform } from '../../../platforms/load';
import { applicationOf, namespaceOf, repositoryOf } from '../../../platforms/schema/environment';
import { checkClusterConfig } from '../../../platforms/schema/hetzner-k3s-config';
import { secretsOf } from '../../../platforms/schema/secrets';
import { copiedTree, problemsIn } from '../../helpers/copied-tree';

const threads = loadPlatform('threads');
const read = ({ root }: Tree, path: string) => readFileSync(join(root, path), 'utf8');

function added(platform: string, request: EnvironmentRequest): Tree {
  const tree = copiedTree();
  newEnvironment(tree, platform, request);
  tree.save();
  return tree;
}

test.each<[string, EnvironmentRequest, object]>([
  [
    'threads',
    { name: 'trial', like: 'prod', cidr: '10.250.0.0/24', hostname: 'trial.example.com' },
    {
      cluster: { network: { cidr: '10.250.0.0/24', address: '10.250.0.10' }, tunnelPort: expect.any(Number) },
      exposure: { kind: 'tunnel', service: 'nextjs', hostname: 'trial.example.com' },
    },
  ],
  ['threads', { name: 'trial', like: 'staging', cidr: '10.250.0.0/24' }, { delivery: { kind: 'image-updater' } }],
  ['threads', { name: 'trial', like: 'local', context: 'minikube' }, { cluster: { context: 'minikube' } }],
  [
    'todo-platform',
    { name: 'trial', like: 'local', context: 'kind-2' },
    { cluster: { context: 'kind-2', storageClass: 'local-path' }, state: { kind: 'local' } },
  ],
  [
    'techtorque',
    { name: 'trial', like: 'dev' },
    {
      namespace: 'trial',
      branch: 'trial',
      application: 'techtorque-services-trial',
      cluster: { context: 'techtorque' },
    },
  ],
  [
    'techtorque',
    { name: 'trial', like: 'prod' },
    {
      namespace: 'trial',
      branch: 'trial',
      application: 'techtorque-services-trial',
      cluster: { context: 'techtorque' },
    },
  ],
  ['real-estate', { name: 'trial', like: 'test' }, { cluster: { name: 'hetzner-trial-cluster' }, branch: 'trial' }],
  [
    'real-estate',
    { name: 'trial', like: 'local', context: 'kind-2' },
    { cluster: { context: 'kind-2' }, path: 'k8s/real-estate/podman/trial' },
  ],
])('a new environment of %s passes every check: %j', (platform, request, expected) => {
  const tree = added(platform, request);
  expect(problemsIn(tree, platform, request.name)).toEqual([]);
  const { environments } = platformFrom(platform, read(tree, sourceOf(platform)));
  expect(environments[request.name]).toMatchObject(expected);
});

test('it has separate secrets and names', () => {
  const tree = added('threads', { name: 'trial', like: 'prod', cidr: '10.250.0.0/24', hostname: 'trial.example.com' });
  const text = render('k8s/threads/overlays/trial', tree.root);
  expect(text).toContain('key: threads-trial-tunnel-token');
  expect(text).toContain('key: threads-trial-postgres-password');
  expect(text).not.toContain('prod');
});

test('of the files that are there only what describes the platform changes', () => {
  const tree = copiedTree();
  newEnvironment(tree, 'techtorque', { name: 'trial', like: 'prod' });
  const changed = tree.changes().filter(({ before }) => before !== undefined);
  expect(changed.map(({ path }) => path)).toEqual([
    'platforms/techtorque/deploy-control.yaml',
    'platforms/techtorque/platform.ts',
  ]);
});

test('it may be deployed to when the environment may that it is like', () => {
  const tree = added('techtorque', { name: 'trial', like: 'dev' });
  const platform = platformFrom('techtorque', read(tree, sourceOf('techtorque')));
  const { environments } = readControl(platform, read(tree, controlPath('techtorque')));
  expect(environments['trial']).toEqual(environments['dev']);
});

test('what Argo CD follows is the branch, folder and namespace of the environment', () => {
  const tree = added('techtorque', { name: 'trial', like: 'prod' });
  const platform = platformFrom('techtorque', read(tree, sourceOf('techtorque')));
  expect(applicationOf(platform, 'trial')).toBe('techtorque-services-trial');
  expect(repositoryOf(platform, 'trial')).toMatchObject({ branch: 'trial', path: 'k8s/techtorque/overlays/trial' });
  expect(namespaceOf(platform, 'trial')).toBe('trial');
});

test('a branch that is not pushed has no images, so no own image runs', () => {
  const text = render('k8s/techtorque/overlays/trial', added('techtorque', { name: 'trial', like: 'prod' }).root);
  const images = Object.keys(loadPlatform('techtorque').services).length;
  expect(text.match(/image: ghcr\.io\/techtorque-2025\/\S+/g)).toHaveLength(images);
  expect(text.match(/image: ghcr\.io\/techtorque-2025\/\S+:trial-0000000$/gm)).toHaveLength(images);
  expect(text.match(/replicas: 0$/gm)).toHaveLength(images);
});

test('a cluster of hetzner-k3s has a separate name', () => {
  const tree = added('real-estate', { name: 'trial', like: 'test' });
  const config = parse(read(tree, 'k8s/real-estate/hetzner/trial/cluster/cluster-config.yaml'));
  expect(
    checkClusterConfig(platformFrom('real-estate', read(tree, sourceOf('real-estate'))), 'trial', config)
      .kubeconfig_path,
  ).toBe('~/.kube/strata/real-estate-trial.yaml');
});

test('prints the remaining steps for a new environment, in order', () => {
  const request = { name: 'trial', like: 'prod', cidr: '10.250.0.0/24', hostname: 'trial.example.com' };
  expect(newEnvironment(copiedTree(), 'threads', request)).toEqual([
    'UPDATE_GOLDENS=1 npx jest test/k8s test/stacks, and read the difference',
    'read in platforms/threads/deploy-control.yaml when it may be deployed to, which is when prod may',
    'PLATFORM=threads npx cdktf deploy vpc-trial',
    ...secretsOf(threads, 'prod').map((secret) => `npm run secret -- set ${secret} --platform threads --env trial`),
    'npm run kubeconfig -- trial --platform threads',
    'PLATFORM=threads npm run tunnel -- trial npx cdktf deploy k8s-trial argocd-app-trial --ignore-missing-stack-dependencies',
  ]);
});

test('where CI applies, secrets are a matter of GitHub', () => {
  expect(newEnvironment(copiedTree(), 'real-estate', { name: 'trial', like: 'test' }).slice(1)).toEqual([
    'push branch trial, which it follows',
    'read in platforms/real-estate/deploy-control.yaml when it may be deployed to, which is when test may',
    'hetzner-k3s create --config k8s/real-estate/hetzner/trial/cluster/cluster-config.yaml',
    'set the secrets of environment trial on GitHub; npm run platform -- --platform real-estate lists them',
  ]);
});

test('where Argo CD follows a branch, the configuration of the cluster is in another folder, and that is printed', () => {
  const tree = copiedTree();
  const next = newEnvironment(tree, 'real-estate', { name: 'trial', like: 'dev' });
  const [, config = ''] = /hetzner-k3s create --config (\S+)/.exec(next.join('\n')) ?? [];
  expect(config).toBe('k8s/real-estate/hetzner/trial/cluster/cluster-config.yaml');
  expect(tree.has(config)).toBe(true);
});

const subject = (platform: string, name: string) => `environment "${name}" of platform "${platform}" is not valid:\n  `;

test.each<[string, EnvironmentRequest, string]>([
  [
    'threads',
    { name: 'staging', like: 'local', context: 'kind-2' },
    `${subject('threads', 'staging')}name: got "staging"; it already exists in platforms/threads/platform.ts; choose another name`,
  ],
  [
    'threads',
    { name: 'trial', like: 'live' },
    `unknown environment "live" in platform "threads"; expected one of ${Object.keys(threads.environments).join(', ')}`,
  ],
  [
    'threads',
    { name: 'Trial', like: 'local', context: 'kind-2' },
    `${subject('threads', 'Trial')}name: got "Trial"; use lowercase letters, digits and single hyphens, beginning with a letter`,
  ],
  [
    'threads',
    { name: 'trial', like: 'prod' },
    `${subject('threads', 'trial')}--cidr: missing; give a range that no other environment has, such as "10.30.0.0/24"
  --hostname: missing; visitors of "prod" come by a tunnel, give this one a host name`,
  ],
  [
    'threads',
    { name: 'trial', like: 'staging', cidr: '10.250.0.0/24', context: 'kind-2' },
    `${subject('threads', 'trial')}--context: got "kind-2"; leave it out: environment "staging" has none`,
  ],
  [
    'threads',
    { name: 'trial', like: 'local' },
    `${subject('threads', 'trial')}--context: missing; name the context of another cluster: "local" has that of "kind-threads" to itself`,
  ],
  [
    'threads',
    { name: 'trial', like: 'staging', cidr: '10.10.0.0/16' },
    `platform "threads" is not valid:
  environments.trial.cluster.network.cidr: got "10.10.0.0/16"; overlaps 10.10.0.0/24 of environment "prod"; use another range: overlapping networks cannot be peered`,
  ],
  [
    'todo-platform',
    { name: 'trial', like: 'prod', context: 'other' },
    `${subject('todo-platform', 'trial')}--like: got "prod"; only it has kube-prometheus-stack.application.yaml, loki.application.yaml, arc-controller.application.yaml, arc-runners.application.yaml, self-hosted.application.yaml, whose folders and secrets a copy would share: take an environment that has the Applications of the base alone`,
  ],
])('%s with %j is refused, and nothing is written', (platform, request, message) => {
  const tree = copiedTree();
  expect(() => newEnvironment(tree, platform, request)).toThrow(new Error(message));
  expect(tree.changes()).toEqual([]);
});

test.each<[keyof EnvironmentRequest, string]>([
  ['context', "x' + (globalThis.injected = true) + '"],
  ['context', "bob's cluster"],
  ['context', '${file("/etc/hostname")}'],
  ['context', 'a\u2028b'],
])('--%s %j is refused, and nothing of it is executed', (argument, value) => {
  const tree = copiedTree();
  const request = { name: 'trial', like: 'local', context: 'kind-2', [argument]: value };
  expect(() => newEnvironment(tree, 'threads', request)).toThrow(
    `--${argument}: got ${JSON.stringify(value)}; name a context`,
  );
  expect(globalThis).not.toHaveProperty('injected');
  expect(tree.changes()).toEqual([]);
});

test('whatever the range, host name and name are, they are refused', () => {
  const tree = copiedTree();
  const quote = fc.constantFrom("'", '"', '`', '${', '\n', '\u2028', '\\', ' ', '{', '_', '//');
  const text = fc.tuple(fc.string({ maxLength: 6 }), quote, fc.string({ maxLength: 6 })).map((parts) => parts.join(''));
  const sound = { name: 'trial', like: 'prod', cidr: '10.250.0.0/24', hostname: 'trial.example.com' };
  fc.assert(
    fc.property(text, fc.constantFrom('name', 'cidr', 'hostname'), (value, argument) => {
      const fresh = new Tree(tree.root);
      expect(() => newEnvironment(fresh, 'threads', { ...sound, [argument]: value })).toThrow('is not valid');
      expect(fresh.changes()).toEqual([]);
    }),
    { numRuns: 60 },
  );
});
