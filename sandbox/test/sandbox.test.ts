import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { startOf } from '../process-start';
import { type AnsweringCluster, type Sandbox, type SandboxOptions, startSandbox } from '../sandbox';
import { stateObject } from '../storage/bucket';

const ROOT = join(__dirname, '../..');
const SENTINEL = 'sentinel-4c1d';

/** A VM that starts k0s, with the way out that it needs for that. */
const CLUSTER = `
terraform {
  required_providers { google = { source = "hashicorp/google" } }
  backend "gcs" {
    bucket = "states"
    prefix = "cluster/state"
  }
}
provider "google" {
  project = "p"
  region  = "asia-east1"
  zone    = "asia-east1-b"
}
resource "google_compute_network" "net" { name = "net" }
resource "google_compute_disk" "boot" {
  name  = "boot"
  image = "debian-cloud/debian-12"
}
resource "google_compute_instance" "vm" {
  name         = "vm"
  machine_type = "e2-medium"
  metadata     = { startup-script = "k0s install controller --single" }
  boot_disk { source = google_compute_disk.boot.id }
  network_interface {
    network = google_compute_network.net.id
    access_config {}
  }
}
`;

let work: string;
const open: Sandbox[] = [];

beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'sandbox-'));
});
afterEach(async () => {
  for (const sandbox of open.splice(0)) await sandbox.close();
  rmSync(work, { recursive: true });
});

async function start(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({ directory: join(work, 'sandbox'), buckets: ['states'], ...options });
  open.push(sandbox);
  return sandbox;
}

function folder(hcl: string): string {
  const path = join(work, 'hcl');
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'main.tf'), hcl);
  return path;
}

/** Runs a command inside and returns what it printed. */
async function output(sandbox: Sandbox, command: string, ...args: string[]): Promise<{ code: number; text: string }> {
  const file = join(work, 'output');
  const script = `exec > '${file}' 2>&1; exec "$0" "$@"`;
  const code = await sandbox.run('sh', ['-c', script, command, ...args], { stdio: 'ignore' });
  return { code, text: readFileSync(file, 'utf8') };
}

async function apply(sandbox: Sandbox, hcl = CLUSTER): Promise<void> {
  const cwd = folder(hcl);
  expect(await output(sandbox, 'terraform', `-chdir=${cwd}`, 'init')).toMatchObject({ code: 0 });
  expect(await output(sandbox, 'terraform', `-chdir=${cwd}`, 'apply', '-auto-approve')).toMatchObject({ code: 0 });
}

function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

test('credentials of who starts it are found nowhere: not by a command, not in any file it leaves', async () => {
  const files = [
    '.config/gcloud/application_default_credentials.json',
    '.kube/config',
    '.docker/config.json',
    '.netrc',
  ];
  const home = join(work, 'home');
  for (const file of [...files, '.terraform.d/credentials.tfrc.json', '.gitconfig', '.aws/credentials']) {
    mkdirSync(dirname(join(home, file)), { recursive: true });
    writeFileSync(join(home, file), SENTINEL);
  }
  const before = { ...process.env };
  const names = ['GOOGLE_CREDENTIALS', 'GITHUB_TOKEN', 'SLACK_BOT_TOKEN', 'SSH_AUTH_SOCK', 'AWS_SECRET_ACCESS_KEY'];
  Object.assign(process.env, { HOME: home, ...Object.fromEntries(names.map((name) => [name, SENTINEL])) });
  try {
    const sandbox = await start();
    await apply(sandbox);
    const look =
      'env; cd; for f in $(find . -type f) ~/.kube/config ~/.docker/config.json; do cat $f; done; git config --list';
    const { text } = await output(sandbox, 'sh', '-c', look);
    expect(text).toContain('GOOGLE_OAUTH_ACCESS_TOKEN=sandbox-token-worth-nothing');
    expect(text).toContain('user.email=sandbox@localhost');
    expect(text).not.toContain(SENTINEL);
    await sandbox.close();
    const left = [...filesIn(join(work, 'sandbox')), ...filesIn(join(work, 'hcl'))];
    expect(left).toContain(join(work, 'sandbox', 'world.json'));
    for (const file of left) expect(`${file}: ${readFileSync(file, 'utf8')}`).not.toContain(SENTINEL);
  } finally {
    process.env = before;
  }
});

test('a VM boots its cluster before terraform ends, and gcloud prints the kubeconfig', async () => {
  const answering: AnsweringCluster[] = [];
  const sandbox = await start({ onClusterAnswers: (cluster) => answering.push(cluster) });
  const ask = ['compute', 'ssh', 'vm', '--project=p', '--zone=asia-east1-b', '--command', 'sudo k0s kubeconfig admin'];
  expect(await output(sandbox, 'gcloud', ...ask)).toEqual({
    code: 1,
    text: "The resource 'projects/p/zones/asia-east1-b/instances/vm' was not found\n",
  });
  await apply(sandbox);
  expect(sandbox.coverage.total().checked).toBeGreaterThan(0);
  expect(answering.map(({ machine }) => machine)).toEqual(['vm']);
  expect(await output(sandbox, 'gcloud', ...ask)).toEqual({ code: 0, text: answering[0]?.kubeconfig });
  expect(answering[0]?.kubeconfig).toContain(`server: ${sandbox.baseUrl}/clusters/`);
  expect(stateObject(sandbox.world, 'states', 'cluster/state')).toMatchObject({ serial: expect.any(Number) });
});

test('what was made is there at the next start, on the same port, and its clusters are announced again', async () => {
  const first = await start();
  await apply(first);
  await first.close();
  const answering: string[] = [];
  const second = await start({ onClusterAnswers: ({ machine }) => answering.push(machine) });
  expect(second.baseUrl).toBe(first.baseUrl);
  expect(answering).toEqual(['vm']);
  const plan = await output(second, 'terraform', `-chdir=${join(work, 'hcl')}`, 'plan', '-detailed-exitcode');
  expect([plan.code, plan.text]).toEqual([0, expect.stringContaining('No changes.')]);
});

const VM = 'projects/p/zones/asia-east1-b/instances/vm';

test('a sandbox killed in the middle is usable again, lock and all', async () => {
  const script =
    `require('${ROOT}/sandbox/sandbox').startSandbox({ directory: '${join(work, 'sandbox')}', buckets: ['states'] })` +
    `.then(async (s) => { await s.run('terraform', ['init'], { cwd: '${folder(CLUSTER)}', stdio: 'ignore' });` +
    `s.world.events.on('machine', () => { if (!s.world.get('google_compute_instance', '${VM}')) return;` +
    `s.world.save(); process.kill(process.pid, 'SIGKILL'); });` +
    `await s.run('terraform', ['apply', '-auto-approve'], { cwd: '${folder(CLUSTER)}', stdio: 'ignore' }); })`;
  const child = spawn('node', ['-r', join(ROOT, 'register.cjs'), '-e', script], { cwd: ROOT });
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  // Its terraform waits for an answer that never comes.
  const survivors = readdirSync(join(work, 'sandbox', 'running'))
    .map(Number)
    .filter(startOf);
  expect(survivors).toHaveLength(1);
  const sandbox = await start();
  while (survivors.some((pid) => !['', 'ended'].includes(startOf(pid)))) await setTimeout(20);
  expect(sandbox.world.get('google_compute_instance', VM)).toBeDefined();
  await sandbox.world.clock.settled();
  expect(sandbox.clusters.all()).toHaveLength(1);
});

test('one process at a time uses a directory', async () => {
  const sandbox = await start();
  await expect(startSandbox({ directory: join(work, 'sandbox') })).rejects.toMatchObject({
    exitCode: 3,
    message:
      `sandbox ${join(work, 'sandbox')} is in use by process ${process.pid}; wait for it, end it, or choose another directory; ` +
      'for a second terminal run bash inside and start both commands there',
  });
  await sandbox.close();
  await (await start()).close();
});

test('a port that somebody else has taken is given up', async () => {
  const first = await start();
  await first.close();
  const other = createServer().listen(Number(new URL(first.baseUrl).port), '127.0.0.1');
  await once(other, 'listening');
  try {
    expect((await start()).baseUrl).not.toBe(first.baseUrl);
  } finally {
    other.close();
  }
});

test('fresh starts over with an empty world and an empty home', async () => {
  const first = await start({ images: [{ reference: 'ghcr.io/a/b:1', architectures: ['amd64'] }] });
  writeFileSync(join(first.env['HOME'] ?? '', 'notes'), 'x');
  await first.close();
  const second = await start({ fresh: true, start: Date.parse('2026-02-03T04:05:06Z') });
  expect(second.world.clock.iso()).toBe('2026-02-03T04:05:06Z');
  expect(second.world.data.images).toEqual({});
  expect(readdirSync(second.env['HOME'] ?? '')).not.toContain('notes');
});

test('an image that is there is not pushed again', async () => {
  const images = [{ reference: 'ghcr.io/a/b:1', architectures: ['amd64'] }];
  const first = await start({ images });
  const before = first.world.data.images;
  await first.world.clock.advance(60);
  await first.close();
  expect((await start({ images })).world.data.images).toEqual(before);
});

test("git inside reaches the local repository by the remote's real URL", async () => {
  const url = 'https://git.example.com/acme/app.git';
  const workTree = folder('# nothing');
  const sandbox = await start({ remotes: [{ url, branch: 'main', workTree }] });
  const { text } = await output(sandbox, 'git', 'ls-remote', 'git@git.example.com:acme/app.git', 'refs/heads/main');
  expect(text).toMatch(/^[0-9a-f]{40}\trefs\/heads\/main\n$/);
});

test('simulated time is read, and passes on request', async () => {
  const { baseUrl } = await start({ start: Date.parse('2026-02-03T04:05:06Z') });
  const clock = async (init?: RequestInit) => (await fetch(`${baseUrl}/clock`, init)).json();
  expect(await clock()).toEqual({ now: Date.parse('2026-02-03T04:05:06Z'), iso: '2026-02-03T04:05:06Z' });
  expect(await clock({ method: 'POST', body: '{"advance":3600}' })).toMatchObject({ iso: '2026-02-03T05:05:06Z' });
  expect((await fetch(`${baseUrl}/clock`, { method: 'POST', body: '{"advance":-1}' })).status).toBe(400);
});

test("the exit code is the command's own, or tells what became of it", async () => {
  const sandbox = await start();
  expect(await sandbox.run('sh', ['-c', 'exit 7'])).toBe(7);
  expect(await sandbox.run('sh', ['-c', 'kill -KILL $$'])).toBe(137);
  const said = jest.spyOn(console, 'error').mockImplementation();
  expect(await sandbox.run('no-such-command', [])).toBe(127);
  expect(said).toHaveBeenCalledWith('no-such-command: no such command in the sandbox');
  said.mockRestore();
});

describe('a terraform that the command has started', () => {
  const said = () => errors.mock.calls.flat().join('\n');
  let errors: jest.SpyInstance;
  let sandbox: Sandbox;
  let cwd: string;

  beforeEach(async () => {
    errors = jest.spyOn(console, 'error').mockImplementation();
    sandbox = await start();
    cwd = folder(CLUSTER);
    expect(await sandbox.run('terraform', ['init'], { cwd, stdio: 'ignore' })).toBe(0);
  });
  afterEach(() => errors.mockRestore());

  const until = async (holds: () => boolean) => {
    while (!holds()) await setTimeout(20);
  };

  test('and that is killed in the middle makes it fail, whatever its own exit code is', async () => {
    sandbox.faults.set([{ operation: 'create', type: 'google_compute_disk', effect: 'hang' }]);
    const meet = jest.spyOn(sandbox.faults, 'meet');
    const script = 'terraform apply -auto-approve & echo $! > pid; wait $!; exit 0';
    const ended = sandbox.run('sh', ['-c', script], { cwd, stdio: 'ignore' });
    await until(() =>
      meet.mock.calls.some(([operation, type]) => `${operation} ${type}` === 'create google_compute_disk'),
    );
    process.kill(Number(readFileSync(join(cwd, 'pid'), 'utf8')), 'SIGKILL');
    expect(await ended).toBe(1);
    expect(said()).toMatch(/sandbox: terraform was killed while it changed (\w+, )*google_compute_disk(, \w+)*: /);
    expect(said()).toMatch(
      /sandbox: terraform ended without releasing its state lock gs:\/\/states\/cluster\/state\/default\.tflock, .+ release it with: terraform force-unlock \d+$/m,
    );
    const id = /force-unlock (\d+)/.exec(said())?.[1] ?? '';
    expect(await sandbox.run('terraform', ['force-unlock', '-force', id], { cwd, stdio: 'ignore' })).toBe(0);
  });

  test('and that outlives it is waited for: its state is written and its lock is released', async () => {
    const script = 'terraform apply -auto-approve > log 2>&1 & until grep -q Creating log; do sleep 0.05; done';
    expect(await sandbox.run('sh', ['-c', script], { cwd, stdio: 'ignore' })).toBe(0);
    expect(said()).not.toContain('killed');
    expect(stateObject(sandbox.world, 'states', 'cluster/state')).toMatchObject({ resources: { length: 3 } });
    expect(Object.keys(sandbox.world.data.buckets['states'] ?? {})).toEqual(['cluster/state/default.tfstate']);
  });
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s goes on to the command, whose end is waited for', async (signal) => {
  const script =
    `require('${ROOT}/sandbox/command').runInside(process.env, 'sh', ['-c', 'trap "echo caught; exit 9" TERM INT; ` +
    `echo ready; while :; do sleep 0.05; done']).then((code) => console.log('ended with ' + code))`;
  const child = spawn('node', ['-r', join(ROOT, 'register.cjs'), '-e', script], { cwd: ROOT });
  let said = '';
  for await (const chunk of child.stdout) {
    said += chunk;
    if (said === 'ready\n') child.kill(signal);
  }
  expect(said).toBe('ready\ncaught\nended with 9\n');
});
