import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sandboxEnvironment } from '../environment';
import { type Listening, listen, send, urlOf } from '../http';

const SENTINEL = 'sentinel-7f3a';
const CREDENTIALS = [
  'GOOGLE_CREDENTIALS',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'GITHUB_TOKEN',
  'GH_TOKEN',
  'SLACK_BOT_TOKEN',
  'SSH_AUTH_SOCK',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'KUBECONFIG',
  'CLOUDSDK_AUTH_ACCESS_TOKEN',
  'DOCKER_AUTH_CONFIG',
  'NPM_TOKEN',
  'HTTPS_PROXY',
  'NODE_OPTIONS',
  'TF_VAR_password',
  'TF_CLI_CONFIG_FILE',
  'GIT_ASKPASS',
  'npm_config__auth',
  'A_SERVICE_NOBODY_HAS_HEARD_OF_KEY',
];

const home = mkdtempSync(join(tmpdir(), 'environment-'));
let api: Listening;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  api = await listen(0, [
    async (request, response) => {
      const instance = urlOf(request).searchParams.get('instance');
      const status = { ready: 200, booting: 503, gone: 404 }[instance ?? ''] ?? 500;
      send(response, status, {}, `${instance} ${urlOf(request).pathname}`);
      return true;
    },
  ]);
  const sentinels = Object.fromEntries(CREDENTIALS.map((name) => [name, SENTINEL]));
  env = sandboxEnvironment({
    directory: home,
    home,
    shims: join(__dirname, '../shims'),
    baseUrl: api.baseUrl,
    token: 'token',
    reattach: '{}',
    inherited: { PATH: process.env['PATH'], LANG: 'C.UTF-8', CI: 'true', ...sentinels },
  });
});
afterAll(async () => {
  await api.close();
  rmSync(home, { recursive: true });
});

function inside(
  command: string,
  ...args: string[]
): Promise<Pick<SpawnSyncReturns<string>, 'status' | 'stdout' | 'stderr'>> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env, cwd: home });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (text) => (stdout += text));
    child.stderr.on('data', (text) => (stderr += text));
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
}

test('no credential of the parent reaches a command, known to the sandbox or not', async () => {
  const { stdout } = await inside('env');
  expect(stdout).toContain('LANG=C.UTF-8');
  expect(stdout).toContain('CI=true');
  expect(stdout).toContain(`HOME=${home}`);
  expect(stdout).not.toContain(SENTINEL);
});

test('programs find their configuration under the HOME of the sandbox', () => {
  for (const name of ['KUBECONFIG', 'CLOUDSDK_CONFIG', 'DOCKER_CONFIG', 'GIT_CONFIG_GLOBAL', 'XDG_CONFIG_HOME']) {
    expect(env[name]).toMatch(new RegExp(`^${home}/`));
  }
});

test.each(['podman', 'ssh', 'scp', 'gsutil', 'gh', 'aws', 'hcloud'])(
  '%s is replaced by a program that refuses',
  async (name) => {
    expect(await inside(name, 'anything')).toEqual({
      status: 1,
      stdout: '',
      stderr: `${name}: not simulated in the sandbox; the real program is not called\n`,
    });
  },
);

const SSH = ['compute', 'ssh', '--project=p', '--zone', 'z', '--tunnel-through-iap', '--quiet'];
test.each([
  ['ready', 0, 'ready /token/kubeconfig', ''],
  ['me@ready', 0, 'ready /token/kubeconfig', ''],
  ['booting', 255, '', 'booting /token/kubeconfig\n'],
  ['gone', 1, '', 'gone /token/kubeconfig\n'],
])('gcloud compute ssh asks VM %s for its kubeconfig and ends with %d', async (vm, status, stdout, stderr) => {
  expect(await inside('gcloud', ...SSH, vm, '--command', 'sudo k0s kubeconfig admin')).toEqual({
    status,
    stdout,
    stderr,
  });
});

test('any other call of gcloud is refused', async () => {
  const stderr = (words: string) =>
    `gcloud ${words}: not simulated; the sandbox knows compute ssh with --command "sudo k0s kubeconfig admin", ` +
    'compute start-iap-tunnel to port 6443, compute instances start, stop and delete [--delete-disks=all], ' +
    'compute disks delete, and storage hmac create; what runs in its pods serves nothing\n';
  expect(await inside('gcloud', 'projects', 'list')).toMatchObject({ status: 1, stderr: stderr('projects list') });
  expect(await inside('gcloud', ...SSH, 'ready', '--command', 'sudo reboot')).toMatchObject({
    status: 1,
    stderr: stderr('compute ssh ready'),
  });
});

test('a Node process reaches the loopback address and nothing else', async () => {
  const attempt = (url: string) =>
    inside(
      'node',
      '-e',
      `fetch('${url}').then((r) => r.text()).then(console.log, (e) => console.log(e.cause.message))`,
    );
  expect((await attempt(`${api.baseUrl}/x?instance=ready`)).stdout).toBe('ready /x\n');
  expect((await attempt('https://192.0.2.1/')).stdout).toBe(
    'connect ENETUNREACH 192.0.2.1:443: nothing leaves the sandbox\n',
  );
  const { stderr } = await inside('node', '-e', "require('http').get({ host: 'example.com', path: '/' })");
  expect(stderr).toContain('connect ENETUNREACH example.com:80: nothing leaves the sandbox');
});

test('cdktf neither asks the network for its newest version nor writes to the real home folder', () => {
  expect(env).toMatchObject({ DISABLE_VERSION_CHECK: 'true', CDKTF_HOME: join(home, '.cdktf') });
});

test('a checkout whose path has quotes and backslashes works', async () => {
  const odd = join(home, 'a "b\\c');
  cpSync(join(__dirname, '../../sandbox/shims'), odd, { recursive: true });
  const { NODE_OPTIONS } = sandboxEnvironment({
    directory: home,
    home,
    shims: odd,
    baseUrl: '',
    token: '',
    reattach: '',
  });
  const { status } = spawnSync('node', ['-e', '0'], { env: { PATH: process.env['PATH'], NODE_OPTIONS } });
  expect(status).toBe(0);
});

test('cdktf finds the memory that it wants for its app, and does not warn', () => {
  expect(env['NODE_OPTIONS']).toMatch(/ --max-old-space-size=4096$/);
});

test('a program that obeys proxy variables meets a closed port', async () => {
  const script = 'echo "$https_proxy $HTTP_PROXY $no_proxy $DOCKER_HOST $GCE_METADATA_HOST"';
  expect((await inside('sh', '-c', script)).stdout).toBe(
    'http://127.0.0.1:9 http://127.0.0.1:9 localhost,127.0.0.1,::1 tcp://127.0.0.1:9 127.0.0.1:9\n',
  );
});

test.each(['https://192.0.2.1/a/b.git', 'ssh://git@192.0.2.1/a/b.git', 'git@192.0.2.1:a/b.git'])(
  'git does not leave for %s',
  async (url) => {
    const { status, stderr } = await inside('git', 'ls-remote', url);
    expect([status, stderr]).toEqual([128, expect.stringMatching(/^fatal: transport '(https|ssh)' not allowed/)]);
  },
);

test('all endpoints are in the sandbox', () => {
  const endpoints = Object.entries(env).filter(([name]) => /_ENDPOINT$|^STRATA_SANDBOX$/.test(name));
  expect(endpoints.map(([name]) => name)).toHaveLength(9);
  for (const [, value] of endpoints) expect(value).toMatch(new RegExp(`^${api.baseUrl}(/|$)`));
});
