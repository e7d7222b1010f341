import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { APP, CDKTF, runCommand, sandboxCommand } from '../helpers/sandbox-command';

jest.setTimeout(180_000);

const { folder, directory, inside } = sandboxCommand();

/** A state that somebody else has written. */
const REAL_STATE = JSON.stringify({
  version: 4,
  terraform_version: '1.11.4',
  serial: 40,
  lineage: 'real',
  outputs: {},
  resources: [
    {
      mode: 'managed',
      type: 'google_compute_network',
      name: 'net',
      provider: 'provider["registry.terraform.io/hashicorp/google"]',
      instances: [{ schema_version: 0, attributes: { id: 'projects/p/global/networks/real', name: 'real' } }],
    },
  ],
});

const network = (project: string) =>
  `provider "google" { project = "${project}" }\nresource "google_compute_network" "net" { name = "net" }\n`;

function project(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(folder, 'project-'));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return root;
}

function contentOf(root: string): Record<string, string> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => [join(parentPath, name), readFileSync(join(parentPath, name), 'utf8')]),
  );
}

test('a local state of the platform is kept in the sandbox, and the synthesised JSON is the same inside and outside', async () => {
  const config = JSON.stringify({ language: 'typescript', app: APP, projectId: 'test' });
  const root = project({ 'cdktf.json': config, '.state/threads/local/01-k8s.tfstate': REAL_STATE });
  const before = contentOf(root);
  const deploy = [CDKTF, 'deploy', 'k8s-local', '--auto-approve', '--no-color'];
  expect(await inside(root, ...deploy)).toMatchObject({ code: 0 });
  expect(contentOf(root)).toEqual(before);
  const state = join(directory, '.state/threads/local/01-k8s.tfstate');
  expect(JSON.parse(readFileSync(state, 'utf8'))).not.toMatchObject({ lineage: 'real' });

  expect(await runCommand(root, [CDKTF, 'synth'], { DISABLE_VERSION_CHECK: 'true' })).toMatchObject({ code: 0 });
  const stack = 'threads/stacks/k8s-local/cdk.tf.json';
  expect(readFileSync(join(directory, 'cdktf.out', stack))).toEqual(readFileSync(join(root, 'cdktf.out', stack)));

  expect(await inside(root, '--fresh', 'true')).toMatchObject({ code: 0 });
  expect(existsSync(state)).toBe(false);
});

test.each([
  ['without a backend', network('p1'), 'infra/terraform.tfstate'],
  [
    'with a local backend',
    `terraform {\n  backend "local" { path = "../states/net.tfstate" }\n}\n${network('p2')}`,
    'states/net.tfstate',
  ],
])('the state of a configuration %s is kept in the sandbox from one command to the next', async (_, hcl, state) => {
  const root = project({ 'infra/main.tf': hcl, [state]: REAL_STATE });
  const before = contentOf(root);
  const terraform = (...args: string[]) => inside(join(root, 'infra'), 'terraform', ...args);
  expect(await terraform('init', '-no-color')).toMatchObject({ code: 0 });
  expect(await terraform('apply', '-auto-approve', '-no-color')).toMatchObject({
    code: 0,
    output: expect.stringContaining('Resources: 1 added, 0 changed, 0 destroyed'),
  });
  expect(await terraform('init', '-no-color')).toMatchObject({ code: 0 });
  expect(await terraform('plan', '-detailed-exitcode', '-no-color')).toMatchObject({ code: 0 });
  expect(contentOf(root)).toEqual(before);
});

test('modules and variable files outside the folder are found', async () => {
  const root = project({
    'modules/net/main.tf': 'variable "name" {}\nresource "google_compute_network" "net" { name = var.name }\n',
    'common.tfvars': 'name = "shared"\n',
    'live/prod/main.tf':
      'variable "name" {}\nprovider "google" { project = "q" }\nmodule "net" {\n  source = "../../modules/net"\n  name   = var.name\n}\n',
  });
  const before = contentOf(root);
  const chdir = '-chdir=live/prod';
  expect(await inside(root, 'terraform', chdir, 'init', '-no-color')).toMatchObject({ code: 0 });
  const applied = await inside(root, 'terraform', chdir, 'apply', '-auto-approve', '-var-file=../../common.tfvars');
  expect(applied).toMatchObject({ code: 0 });
  expect(contentOf(root)).toEqual(before);
});
