import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, render } from '../../manifests/checks/render';
import todo from '../../platforms/todo-platform/platform';
import type { Json } from '../helpers/synth';

const objects = (path: string): Json[] => parse(render(`k8s/todo-platform/${path}`));
const applications = (env: string): Json[] =>
  objects(`argocd-apps/${env}`).filter(({ kind }) => kind === 'Application');
const application = (name: string): Json => applications('prod').find(({ metadata }) => metadata.name === name);
const roles = objects('infrastructure/arc-runners').filter(({ kind }) => kind === 'Role');

test('the root makes projects, namespaces, owners of CRDs, their users and applications, in this order', () => {
  const waves = new Map<number, string[]>();
  for (const { metadata } of objects('argocd-apps/prod')) {
    const wave = Number(metadata.annotations['argocd.argoproj.io/sync-wave']);
    waves.set(wave, [...(waves.get(wave) ?? []), metadata.name]);
  }
  expect([...waves].sort(([a], [b]) => a - b)).toEqual([
    [-4, ['todo-platform-applications', 'todo-platform-infrastructure']],
    [-3, ['arc-runners', 'namespaces']],
    [-2, ['arc-controller', 'cnpg', 'kube-prometheus-stack']],
    [-1, ['loki', 'todo-db']],
    [0, ['self-hosted']],
    [1, Object.keys(todo.services).sort()],
  ]);
});

test('each folder has one Application, each follows the overlay of its environment, and all heal themselves', () => {
  for (const env of ['prod', 'local']) {
    const paths = applications(env).flatMap(({ spec }) => spec.source.path ?? []);
    expect(new Set(paths).size).toBe(paths.length);
    for (const path of paths.filter((one: string) => one.includes('/overlays/')))
      expect(path).toMatch(new RegExp(`/${env}$`));
    for (const { spec } of applications(env))
      expect(spec.syncPolicy.automated).toEqual({ prune: true, selfHeal: true });
  }
  expect(applications('local').map(({ metadata }) => metadata.name)).not.toContain('self-hosted');
});

test('between two and five runners take jobs of the organisation, with Docker, as a GitHub App, in our image', () => {
  const { spec } = application('self-hosted');
  expect(spec.destination.namespace).toBe('arc-runners');
  expect(spec.source.helm.valuesObject).toMatchObject({
    githubConfigUrl: 'https://github.com/scottseotech',
    githubConfigSecret: 'arc-github-app',
    runnerScaleSetName: 'self-hosted',
    minRunners: 2,
    maxRunners: 5,
    containerMode: { type: 'dind' },
    template: { spec: { serviceAccountName: 'runner' } },
  });
  const [runner] = spec.source.helm.valuesObject.template.spec.containers;
  expect(runner.image).toMatch(/^docker\.io\/curiosinauts\/scottseotech-runner:[0-9a-f]{7}$/);
  const secret = objects('infrastructure/arc-runners').find(({ kind }) => kind === 'ExternalSecret');
  expect(secret.metadata.name).toBe('arc-github-app');
  expect(secret.spec.data.map(({ secretKey }: Json) => secretKey)).toEqual([
    'github_app_id',
    'github_app_installation_id',
    'github_app_private_key',
  ]);
  expect(application('arc-controller').spec.destination.namespace).toBe('arc-systems');
});

test('a runner may look at what is deployed in the namespace of the applications, and no more', () => {
  const [verifier] = roles.filter(({ metadata }) => metadata.name === 'runner-deploy-verifier');
  expect(verifier.metadata.namespace).toBe('default');
  expect(verifier.rules).toEqual([
    { apiGroups: ['apps'], resources: ['deployments', 'statefulsets'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
  ]);
});

test('whatever else a runner may do is reading Applications and events, and asking for a refresh', () => {
  const others = roles.filter(({ metadata }) => metadata.name !== 'runner-deploy-verifier');
  const rules = others.flatMap(({ metadata, rules }) => rules.map((rule: Json) => [metadata.namespace, rule]));
  const verbs = ['get', 'list', 'watch'];
  expect(rules).toEqual([
    ['argocd', { apiGroups: ['argoproj.io'], resources: ['applications'], verbs: [...verbs, 'patch'] }],
    ['default', { apiGroups: [''], resources: ['events'], verbs }],
  ]);
  const kinds = objects('infrastructure/arc-runners').map(({ kind }) => kind);
  expect(kinds).not.toContain('ClusterRole');
  expect(kinds).not.toContain('ClusterRoleBinding');
});

test('the image of the runners is a maintained base with tools that are checked before they are used', () => {
  const lines = readFileSync(join(__dirname, '../../images/runner/Dockerfile'), 'utf8').split('\n');
  const text = lines.join('\n');
  expect(lines.filter((line) => line.startsWith('FROM '))).toEqual([
    expect.stringMatching(/^FROM ghcr\.io\/actions\/actions-runner:\d+\.\d+\.\d+@sha256:[0-9a-f]{64}$/),
  ]);
  const downloads = [...text.matchAll(/curl -fsSLo (\S+) "https:/g)].map(([, file]) => file);
  expect(downloads).toEqual(['kubectl.tar.gz', 'kustomize.tar.gz', 'argocd']);
  for (const file of downloads) expect(text).toMatch(new RegExp(`_SHA(256|512)}  ${file}" \\| sha\\1sum --check`));
  for (const [, bits, sum] of text.matchAll(/ARG \w+_SHA(256|512)=(\w+)/g)) expect(sum).toHaveLength(Number(bits) / 4);
  expect(text).not.toMatch(/latest|apt-get/);
  expect(lines.filter((line) => line.startsWith('USER ')).at(-1)).toBe('USER runner');
});

test('alerts reach the channel of deployments by the bot of deployments, and what fires for ever reaches nobody', () => {
  const { alertmanagerSpec, config } = application('kube-prometheus-stack').spec.source.helm.valuesObject.alertmanager;
  const [nobody, slack] = config.receivers;
  expect(nobody).toEqual({ name: 'nobody' });
  expect(config.route.receiver).toBe(slack.name);
  expect(config.route.routes).toEqual([{ receiver: 'nobody', matchers: ['severity !~ "critical|warning"'] }]);
  expect(slack.slack_configs[0].channel).toBe(todo.slack?.channel);
  const [secret] = alertmanagerSpec.secrets;
  const file = slack.slack_configs[0].http_config.authorization.credentials_file;
  expect(file).toBe(`/etc/alertmanager/secrets/${secret}/token`);
  const [token] = objects('infrastructure/namespaces/overlays/prod').filter(({ metadata }) => metadata.name === secret);
  expect(token).toMatchObject({ kind: 'ExternalSecret', spec: { data: [{ secretKey: 'token' }] } });
});

test('the database of production has replicas to fail over to', () => {
  const [cluster] = objects('infrastructure/todo-db/overlays/prod').filter(({ kind }) => kind === 'Cluster');
  expect(cluster?.spec.instances).toBe(3);
});
