import { definePlatform } from '../../platforms/schema/define-platform';
import { shellLine, value } from '../../workflows/command';
import { changed } from '../helpers/platform';
import { generatedWorkflows } from './loaded';
import { GENERATED, RULES } from './rules';

const url = 'https://github.com/acme/shop.git';
const cluster = { kind: 'kubeconfig', context: 'acme', architecture: 'amd64', storageClass: 'standard' };
const other = { image: 'other', port: 80, source: 'https://github.com/acme/other.git' };

/** One service, whose CI commits to the config repository. */
const separate = {
  'environments.prod.delivery': { kind: 'config-repository', lock: false, gate: true },
  'environments.prod.exposure': null,
  'environments.dev': null,
  'environments.local.exposure': null,
  services: { other },
};
/** Workflows of a platform with layers, which this test is not about. */
const OF_LAYERS = ['apply', 'drift', 'plan', 'plan-comment', 'rehearsal'];
const shipped = ['build-image', 'check', 'cluster', 'deploy', 'hetzner-cluster', 'push-apply', 'ship', 'web'];
const chosen = { kind: 'image-updater', lock: false, gate: false };
/** Without VMs, whose nodes pull from Artifact Registry only. */
const elsewhere = {
  'environments.prod.cluster': cluster,
  'environments.prod.monthlyBudget': null,
  'environments.staging': null,
};

test.each([
  ['a VM and Artifact Registry', {}, shipped],
  ['Docker Hub', { ...elsewhere, registry: { kind: 'docker-hub', organisation: 'acme' } }, shipped],
  [
    'GHCR, Slack and runners in the cluster',
    { ...elsewhere, registry: { kind: 'ghcr', owner: 'acme' }, slack: { channel: '#builds' }, runner: 'self-hosted' },
    [...shipped, 'notify'].sort(),
  ],
  [
    'a VM and another cluster',
    { 'environments.staging.cluster': cluster, 'environments.staging.delivery.kind': 'ci-commit' },
    shipped,
  ],
  ['Image Updater alone', { 'environments.prod.delivery': chosen }, shipped],
  ['a VM that CI applies to', { 'environments.prod.delivery.kind': 'push-apply' }, shipped],
  ['nothing that CI applies', { 'environments.dev': null }, ['build-image', 'check', 'ship', 'web']],
  ['a repository that GitHub does not host', { 'repository.url': 'https://gitlab.com/acme/shop.git' }, []],
  ...(
    [
      { kind: 'ghcr', owner: 'acme' },
      { kind: 'docker-hub', organisation: 'acme' },
    ] as const
  ).map(
    (registry) =>
      [
        `a service in a separate repository and ${registry.kind}`,
        { ...elsewhere, registry, ...separate },
        ['build-image', 'check', 'deliver', 'update-manifest'],
      ] as const,
  ),
  [
    'a service in a separate repository and Artifact Registry',
    { 'environments.staging': null, ...separate },
    ['build-image', 'check', 'deliver', 'update-manifest'],
  ],
] as readonly (readonly [string, Readonly<Record<string, unknown>>, readonly string[]])[])(
  'the workflows of a platform with %s hold every rule',
  (_, changes, names) => {
    const files = generatedWorkflows(definePlatform(changed({ 'repository.url': url, ...changes })));
    for (const { path } of files) GENERATED.add(path);
    const found = files.map(({ path }) => path.replace(/^.*\/|\.yml$/g, ''));
    expect(found.filter((name) => !OF_LAYERS.includes(name)).sort()).toEqual(names);
    const problems = files.flatMap((file) =>
      Object.entries(RULES).flatMap(([rule, check]) =>
        check(file).map((problem) => `${file.path}: ${rule}: ${problem}`),
      ),
    );
    expect(problems).toEqual([]);
  },
);

test('a command takes plain words only; everything else comes by a variable', () => {
  expect(shellLine(['npm', 'run', 'ship', '--', value('SERVICE'), { option: '--tag', variable: 'TAG' }])).toBe(
    'npm run ship -- "$SERVICE" ${TAG:+"--tag=$TAG"}',
  );
  for (const word of ['a b', 'a;b', '$(id)', '${{ inputs.x }}', '']) {
    expect(() => shellLine(['npm', word])).toThrow('is no plain word of a command; pass it by an environment variable');
  }
});
