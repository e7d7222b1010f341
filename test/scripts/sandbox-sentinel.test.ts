import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../helpers/sandbox-command';
import { temporaryFolder } from '../helpers/synth';

jest.setTimeout(600_000);

/** Not a constant: this very file is in the repository that the sandbox copies. */
const SENTINEL = `sentinel-${randomUUID()}`;

const folder = temporaryFolder();
const checkout = join(folder, 'home', 'strata');
const home = join(folder, 'home');
const foreign = join(home, 'my-infrastructure');

/** Folders of the checkout that commands may write to. */
const WRITTEN = ['.sandbox', '.cache', 'node_modules'];

/** What somebody who uses all of this for real has lying around. */
const SENTINELS = [
  '.aws/credentials',
  '.bashrc',
  '.cdktf/cache/versions',
  '.config/gcloud/application_default_credentials.json',
  '.config/gh/hosts.yml',
  '.docker/config.json',
  '.gitconfig',
  '.kube/config',
  '.kube/strata/threads-prod.yaml',
  '.netrc',
  '.npmrc',
  '.ssh/id_ed25519',
  '.terraform.d/credentials.tfrc.json',
  'notes.txt',
  'strata/.state/threads/local/01-k8s.tfstate',
  'strata/.state/threads/local/02-argocd-app.tfstate',
  'strata/cdktf.out/manifest.json',
  'strata/cdktf.out/threads/stacks/vpc-prod/.terraform/terraform.tfstate',
  'strata/cdktf.out/threads/stacks/vpc-prod/cdk.tf.json',
  'strata/reports/rehearsal.json',
  'my-infrastructure/terraform.tfstate',
  'my-infrastructure/terraform.tfstate.backup',
];

/** The commands of the first block of README's section about the sandbox, a loop as one. */
function fromReadme(): string[] {
  const [, block = ''] =
    /## Try things without a cloud[^`]*(?:`[^`\n]+`[^`]*)*```sh\n([^`]+)```/.exec(readFileSync('README.md', 'utf8')) ??
    [];
  return block.trim().split(/\n(?! |done)/);
}

/** Every file, folder and link below a folder, with what it holds. */
function contentOf(root: string): Record<string, string> {
  const found: Record<string, string> = {};
  const visit = (path: string) => {
    const full = join(root, path);
    const status = lstatSync(full);
    const mode = (status.mode & 0o777).toString(8);
    if (status.isSymbolicLink()) found[path] = `-> ${readlinkSync(full)}`;
    else if (status.isFile()) found[path] = `${mode} ${createHash('sha1').update(readFileSync(full)).digest('hex')}`;
    else if (!WRITTEN.some((name) => full === join(checkout, name))) {
      found[path] = mode;
      for (const name of readdirSync(full)) visit(join(path, name));
    }
  };
  visit('.');
  return found;
}

/** Runs a command line, as its user would type it in a folder. */
function type(cwd: string, line: string): Promise<{ code: number | null; output: string }> {
  return new Promise((done) => {
    const child = spawn('sh', ['-c', line], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      // npm itself, outside the sandbox, writes logs and prints what it reads; it is not what is tried here.
      env: {
        PATH: process.env['PATH'],
        HOME: home,
        CI: 'true',
        GITHUB_TOKEN: SENTINEL,
        npm_config_cache: join(folder, 'npm'),
        npm_config_userconfig: '/dev/null',
      },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.on('close', (code) => done({ code, output }));
  });
}

beforeAll(() => {
  mkdirSync(checkout, { recursive: true });
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT });
  spawnSync('sh', ['-c', `tar --create --null --files-from=- | tar --extract --directory='${checkout}'`], {
    cwd: ROOT,
    input: tracked,
  });
  symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
  const git = (...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...words], { cwd: checkout });
  git('init', '--quiet');
  git('add', '--all');
  git('commit', '--quiet', '--message=all');
  for (const file of SENTINELS) {
    mkdirSync(dirname(join(home, file)), { recursive: true });
    writeFileSync(join(home, file), SENTINEL);
  }
  writeFileSync(
    join(foreign, 'main.tf'),
    'provider "google" { project = "p" }\nresource "google_compute_network" "n" { name = "n" }\n',
  );
});

test('what README runs in the sandbox, and practising a restore there, leaves checkout and home as they were', async () => {
  const before = contentOf(home);
  expect(Object.keys(before).length).toBeGreaterThan(900);
  const sandbox = 'npm run --silent sandbox --';
  const place = '--project web-service-design --zone us-east1-b';
  for (const [cwd, line] of [
    ...fromReadme().map((line) => [checkout, line]),
    [
      checkout,
      `${sandbox} sh -ec "printf x | npm run -s secret -- set postgres-password --env prod; npm run -s snapshot -- make --allow-changes --env prod; ` +
        `gcloud compute instances delete threads-prod-vm --delete-disks=all ${place}; npm run -s restore -- --env prod --no-apply; ` +
        'npx cdktf deploy vpc-prod --auto-approve"',
    ],
    [checkout, `${sandbox} npx cdktf deploy k8s-local argocd-app-local --auto-approve`],
    [
      foreign,
      `npm --prefix ${checkout} run --silent sandbox -- sh -ec "terraform init; terraform apply -auto-approve"`,
    ],
  ] as [string, string][]) {
    const { code, output } = await type(cwd, line);
    if (code !== 0) throw new Error(`${line}\nended with ${code}:\n${output.slice(-2000)}`);
    expect(output).not.toContain(SENTINEL);
  }
  expect(contentOf(home)).toEqual(before);
  const kept = spawnSync('grep', ['--recursive', '--files-with-matches', SENTINEL, join(checkout, '.sandbox')], {
    encoding: 'utf8',
  });
  expect(kept.stdout.trim()).toBe('');
});
