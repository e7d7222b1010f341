import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const SANDBOX = join(__dirname, '..');
const INSTALLED = join(SANDBOX, '..', 'node_modules');

const CONFIGURATION = `
provider "google" {
  project = "p"
  region  = "us-east1"
}
provider "kubernetes" {
  config_path    = "~/.kube/config"
  config_context = "demo"
}
resource "random_pet" "name" {}
resource "google_compute_network" "net" {
  name                    = random_pet.name.id
  auto_create_subnetworks = false
}
resource "kubernetes_config_map_v1" "facts" {
  metadata { name = "facts" }
  data = { network = google_compute_network.net.self_link }
}
`;

jest.setTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), 'strata-package-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Installs the packed sandbox with its dependencies and nothing else. Returns the path of its command. */
function install(): string {
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--silent', '--pack-destination', folder], {
      cwd: SANDBOX,
      encoding: 'utf8',
    }),
  ) as [{ filename: string }];
  execFileSync('tar', ['-xzf', packed.filename], { cwd: folder });
  const target = join(folder, 'node_modules', 'strata-sandbox');
  mkdirSync(dirname(target), { recursive: true });
  cpSync(join(folder, 'package'), target, { recursive: true });
  const { dependencies, bin } = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
    bin: Record<string, string>;
  };
  for (const name of Object.keys(dependencies)) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(INSTALLED, name), link);
  }
  const command = join(folder, 'node_modules', '.bin', 'strata-sandbox');
  mkdirSync(dirname(command));
  symlinkSync(join(target, bin['strata-sandbox'] ?? ''), command);
  return command;
}

test('the packed sandbox runs the whole life of a configuration in a folder without this repository', async () => {
  const command = install();
  const project = join(folder, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'main.tf'), CONFIGURATION);
  const life = [
    'terraform init',
    'terraform apply -auto-approve',
    'terraform plan -detailed-exitcode',
    'terraform destroy -auto-approve',
  ];
  const words = ['--cluster', 'demo', '--', 'sh', '-c', life.map((line) => `${line} -no-color`).join(' && ')];
  const { stdout, stderr } = await promisify(execFile)(command, words, { cwd: project });
  expect(stdout).toContain('Apply complete! Resources: 3 added, 0 changed, 0 destroyed.');
  expect(stdout).toContain('No changes. Your infrastructure matches the configuration.');
  expect(stdout).toContain('Destroy complete! Resources: 3 destroyed.');
  expect(stderr).toContain('commands run with false credentials');
});

test('the packed modules can be required, and the others cannot', () => {
  const script =
    "const { startSandbox } = require('strata-sandbox'); const { ServedProvider } = require('strata-sandbox/providers');" +
    "let refused; try { require('strata-sandbox/dist/world.js'); } catch (error) { refused = error.code; }" +
    'console.log(typeof startSandbox, typeof ServedProvider, refused);';
  expect(execFileSync('node', ['-e', script], { cwd: folder, encoding: 'utf8' })).toBe(
    'function function ERR_PACKAGE_PATH_NOT_EXPORTED\n',
  );
});
