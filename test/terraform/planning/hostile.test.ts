import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sideFrom } from '../../../rehearsal/change/base';
import { COMMENT_LIMIT } from '../../../terraform/planning/comment';
import { foreignCodeIn } from '../../../terraform/planning/foreign-code';
import type { RehearsedChange } from '../../../terraform/planning/result';
import { decisiveFiles, forkComment, readPlan, readRehearsedChange } from '../../../terraform/planning/untrusted';
import { temporaryFolder } from '../../helpers/synth';

const folder = temporaryFolder();

/** A layer as ours are synthesised. */
const LAYER = {
  data: { terraform_remote_state: { vpc: { backend: 'gcs', config: { bucket: 'states', prefix: 'vpc' } } } },
  provider: { google: [{ project: 'p' }], kubernetes: [{ config_path: '${pathexpand(var.kubeconfig)}' }] },
  resource: {
    google_compute_instance: { vm: { metadata: { script: 'cat $${file("x")} ${google_compute_disk.d.id}' } } },
    kubernetes_storage_class_v1: { local: { storage_provisioner: 'rancher.io/local-path' } },
    kubernetes_manifest: { one: { manifest: { kind: 'StorageClass', provisioner: 'x' } } },
  },
  terraform: {
    backend: { gcs: { bucket: 'states', prefix: 'k8s' } },
    required_providers: {
      google: { source: 'google' },
      time: { source: 'hashicorp/time' },
      github: { source: 'integrations/github' },
    },
  },
};

const withResource = (body: object, type = 'null_resource') => ({ ...LAYER, resource: { [type]: { evil: body } } });
const withData = (type: string, body: object) => ({ ...LAYER, data: { [type]: { evil: body } } });
const withProvider = (source: string) => ({
  ...LAYER,
  terraform: { ...LAYER.terraform, required_providers: { evil: { source } } },
});
const withSettings = (name: string, settings: object) => ({ ...LAYER, provider: { [name]: [settings] } });
const withBackend = (backend: object) => ({ ...LAYER, terraform: { ...LAYER.terraform, backend } });

test('a layer as ours are is planned', () => {
  expect(foreignCodeIn(JSON.stringify(LAYER), 'states')).toEqual([]);
});

test.each<[string, object, string]>([
  [
    'a local-exec provisioner',
    withResource({ provisioner: [{ 'local-exec': { command: 'curl evil' } }] }),
    'null_resource.evil has a provisioner, which runs a program',
  ],
  [
    'a remote-exec provisioner on a VM',
    withResource({ provisioner: [{ 'remote-exec': {} }] }, 'google_compute_instance'),
    'google_compute_instance.evil has a provisioner, which runs a program',
  ],
  [
    'an external data source',
    withData('external', { program: ['sh'] }),
    'data.external.evil runs a program, calls an address or reads a secret during the plan',
  ],
  [
    'an http data source',
    withData('http', { url: 'https://evil.example' }),
    'data.http.evil runs a program, calls an address or reads a secret during the plan',
  ],
  [
    'a data source that reads a local file',
    withData('local_file', { filename: '/etc/passwd' }),
    'data.local_file.evil runs a program, calls an address or reads a secret during the plan',
  ],
  [
    'a data source with an access token',
    withData('google_client_config', {}),
    'data.google_client_config.evil runs a program, calls an address or reads a secret during the plan',
  ],
  [
    'a data source that reads a secret',
    withData('google_secret_manager_secret_version', { secret: 'db' }),
    'data.google_secret_manager_secret_version.evil runs a program, calls an address or reads a secret during the plan',
  ],
  ['a foreign provider', withProvider('evil/google'), 'provider evil is evil/google, which no layer uses'],
  [
    'a provider of another registry',
    withProvider('registry.evil.example/hashicorp/google'),
    'provider evil is registry.evil.example/hashicorp/google, which no layer uses',
  ],
  [
    'a module from Git',
    { ...LAYER, module: { evil: { source: 'git::https://evil.example/m.git' } } },
    'module.evil brings code from elsewhere',
  ],
  ['a state in another bucket', withBackend({ gcs: { bucket: 'evil' } }), 'the backend is gcs evil'],
  ['a state sent by HTTP', withBackend({ http: { address: 'https://evil.example' } }), 'the backend is http'],
  [
    'outputs of a foreign state',
    withData('terraform_remote_state', { backend: 'gcs', config: { bucket: 'evil' } }),
    'data.terraform_remote_state.evil reads a state from gcs evil',
  ],
  [
    'calls of Google sent elsewhere',
    withSettings('google', { compute_custom_endpoint: 'https://evil.example/' }),
    'provider google sets compute_custom_endpoint',
  ],
  [
    'another identity',
    withSettings('google', { impersonate_service_account: 'owner@p' }),
    'provider google sets impersonate_service_account',
  ],
  [
    'a program for the credentials of the cluster',
    withSettings('helm', { kubernetes: { exec: { command: 'sh' } } }),
    'provider helm sets exec',
  ],
  [
    'a token sent to another cluster',
    withSettings('kubernetes', { host: 'https://evil.example' }),
    'provider kubernetes sets host',
  ],
  [
    'a file of the runner in a resource',
    withResource({ triggers: { a: '${file("/proc/self/environ")}' } }),
    'function file reads files of the machine that plans',
  ],
  [
    'a file behind other functions',
    withResource({ triggers: { a: '%{ if true }${upper( filebase64 ("~/.ssh/id"))}%{ endif }' } }),
    'function filebase64 reads files of the machine that plans',
  ],
])('refused before terraform starts: %s', (_, json, problem) => {
  expect(foreignCodeIn(JSON.stringify(json), 'states')).toEqual([problem]);
});

test.each<[string, string, string]>([
  ['an edited workflow', '.github/workflows/check.yml', 'what runs on GitHub'],
  ['a changed lock file', 'package-lock.json', 'which packages are installed, and what their installation runs'],
  ['an install script', 'package.json', 'which packages are installed, and what their installation runs'],
  ['another registry', '.npmrc', 'which packages are installed, and what their installation runs'],
  ['other checksums of providers', 'x/.terraform.lock.hcl', 'which providers are trusted'],
  ['another loader', 'register.cjs', 'how our own code is loaded'],
  ['a command that plans otherwise', 'scripts/plan.ts', 'what plans and applies'],
  ['a guard that finds nothing', 'terraform/guards/disk.ts', 'what plans and applies'],
  ['a submodule', '.gitmodules', 'who reviews, and what is checked out'],
])('needs a maintainer before it runs with credentials: %s', (_, file, why) => {
  expect(decisiveFiles(['README.md', 'platforms/threads/platform.ts', file])).toEqual([{ file, why }]);
});

const change = (address: string): RehearsedChange => ({
  plan: {
    version: 1,
    platform: 'threads',
    env: 'prod',
    layers: [
      {
        layer: '00-vpc',
        stack: 'vpc-prod',
        outcome: 'planned',
        deployed: true,
        changes: [{ address, type: 'x', action: 'create', attributes: [] }],
        outputs: [],
        drifted: [],
      },
    ],
    guards: [],
    contracts: [],
  },
  lines: [address],
});

/** What GitHub would render of a comment outside of code spans. */
function rendered(comment: string): string {
  return comment.replace(/(`+) ?.*? ?\1(?!`)/g, 'CODE');
}

test.each([
  ['a link', '[log in](https://evil.example)'],
  ['an image that calls home', '![x](https://evil.example/p.png)'],
  ['a mention of everybody', '@acme/everyone please'],
  ['a reference to another issue', 'closes #1'],
  ['HTML', '</details><script>alert(1)</script><img src=x>'],
  ['the marker of another comment', '<!-- strata plan threads staging -->'],
  ['the end of the code span', '` **approved** `` [x](https://evil.example) ```'],
  ['a heading on another line', 'x\n\n# Approved by a maintainer\n\n| a |'],
])('Markdown in a name is shown as it is: %s', (_, text) => {
  const comment = rendered(forkComment(change(text), [text]));
  const harmless = rendered(forkComment(change('name'), ['name']));
  expect(comment).toBe(harmless);
});

test('characters that hide or turn text around are replaced', () => {
  const comment = forkComment(change('a\u202eb\u200bc\u0007d\u2028e'), []);
  expect(comment).toContain('`a b c d e`');
});

const text = (value: unknown) => JSON.stringify(value);

test.each<[string, string, string]>([
  ['no JSON', 'Plan: 0 to add', 'the result is not JSON'],
  ['a list', '[]', 'the result is not a plan: at the top'],
  ['fields that nobody knows', text({ ...change('x').plan, run: 'rm -rf' }), 'Unrecognized key'],
  ['a name that is no name', text({ ...change('x').plan, env: 'prod --> <b>' }), 'the result is not a plan: env'],
  [
    'a layer that does not exist',
    text({ ...change('x').plan, layers: [{ layer: '99-evil' }] }),
    'the result is not a plan: layers.0',
  ],
  ['a string of a megabyte', text(change('x'.repeat(1_000_000)).plan), 'the result is not a plan: layers.0'],
  [
    'more than anybody reads',
    text(change('x').plan).padEnd(2_000_001),
    'the result has 2000001 characters; expected at most 2000000',
  ],
])('a result is data of one shape: %s is refused', (_, given, message) => {
  expect(() => readPlan(given)).toThrow(message);
});

test('a result with a prototype changes none', () => {
  const hostile = text(change('x')).replace('{', '{"__proto__":{"polluted":true},');
  expect(() => readRehearsedChange(hostile)).toThrow();
  expect(({} as { polluted?: true }).polluted).toBeUndefined();
});

test('a comment of a fork is never longer than GitHub accepts', () => {
  const { plan } = change('x'.repeat(4000));
  const lines = Array.from({ length: 40 }, () => 'y'.repeat(4000));
  expect(
    forkComment(
      { plan, lines },
      Array.from({ length: 3000 }, () => '.github/x'),
    ).length,
  ).toBeLessThanOrEqual(COMMENT_LIMIT);
});

test('code of another commit that reads the environment while it synthesises finds no credential in it', () => {
  const base = join(folder, 'base');
  mkdirSync(join(base, 'platforms/threads'), { recursive: true });
  writeFileSync(join(base, 'register.cjs'), "require.extensions['.ts'] = require.extensions['.js'];");
  writeFileSync(join(base, 'main.ts'), "require('node:fs').writeFileSync('stolen.json', JSON.stringify(process.env));");
  writeFileSync(join(base, 'package-lock.json'), readFileSync('package-lock.json'));
  writeFileSync(join(base, 'platforms/threads/platform.ts'), readFileSync('platforms/threads/platform.ts'));
  const secrets = {
    GITHUB_TOKEN: 'sentinel',
    GOOGLE_APPLICATION_CREDENTIALS: 'sentinel',
    SLACK_BOT_TOKEN: 'sentinel',
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'sentinel',
  };
  Object.assign(process.env, secrets);
  try {
    const { synthesise, platform } = sideFrom(base, 'threads');
    synthesise(platform, join(folder, 'out'));
  } finally {
    for (const name of Object.keys(secrets)) delete process.env[name];
  }
  const stolen = readFileSync(join(base, 'stolen.json'), 'utf8');
  expect(stolen).toContain('"PLATFORM":"threads"');
  expect(stolen).not.toContain('sentinel');
});
