import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import threads from '../../platforms/threads/platform';
import { Remote } from '../delivery/git/repositories';
import { Commands } from '../helpers/commands';

const ROOT = join(__dirname, '../..');
const RUNBOOK = readFileSync(join(ROOT, 'docs/runbooks/stuck-lock.md'), 'utf8');

let remote: Remote;
let folder: string;
let env: NodeJS.ProcessEnv;

beforeEach(() => {
  remote = new Remote();
  folder = mkdtempSync(join(tmpdir(), 'strata-lock-'));
  const config = join(folder, 'gitconfig');
  writeFileSync(config, `[url "${remote.url}"]\n\tinsteadOf = ${threads.repository.url}\n`);
  env = { ...process.env, GIT_CONFIG_GLOBAL: config, GITHUB_RUN_ID: '', REPO_ACCESS_TOKEN: '', CONFIG_DEPLOY_KEY: '' };
});

afterEach(() => {
  remote.close();
  rmSync(folder, { recursive: true, force: true });
});

const commands = new Commands();
afterAll(() => commands.close());

async function lock(...args: string[]) {
  const { code: status, stdout, stderr } = await commands.run('lock', args, env);
  return { status, stdout: stdout.trim(), stderr: stderr.trim() };
}

const take = ['take', '--env', 'prod', '--owner', 'nextjs', '--run', '123.1', '--reason', 'maintenance', '--detach'];

test('the commands of the runbook free the lock of a dead run', async () => {
  expect((await lock(...take)).stdout).toBe(
    'threads-prod is held by nextjs (run 123.1); release it with: npm run lock -- release --env prod --owner nextjs --run 123.1',
  );
  const [, block = ''] = /```sh\n([^`]*)```/.exec(RUNBOOK) ?? [];
  const lines = block.trim().split('\n');
  const printed = [];
  for (const line of lines) {
    const words = [...line.replace(/^npm run lock -- /, '').matchAll(/"([^"]*)"|(\S+)/g)];
    printed.push(await lock(...words.map(([, quoted, plain]) => quoted ?? plain ?? '')));
  }
  expect(printed.map(({ status }) => status)).toEqual([0, 0, 0]);
  const [before, broken, after] = printed.map(({ stdout }) => stdout);
  expect(before).toMatch(
    /^threads-prod is held by nextjs \(run 123\.1\) for \d+ s, last renewed \d+ s ago: maintenance$/,
  );
  expect(broken).toBe('threads-prod is free; it was held by nextjs (run 123.1)');
  expect(after).toMatch(/^threads-prod is free since \S+: break by /);
}, 60_000);

test('only the holder releases, with exit code 3 for anybody else', async () => {
  await lock(...take);
  const stranger = await lock('release', '--env', 'prod', '--owner', 'nextjs', '--run', '124.1');
  expect(stranger).toMatchObject({ status: 3, stderr: expect.stringContaining('only the holder can release it') });
  const shown = await lock('release', '--env', 'prod', '--owner', 'nextjs', '--run', '123.1', '--dry-run');
  expect(shown.stdout).toMatch(/^would release: /);
  const holder = await lock('release', '--env', 'prod', '--owner', 'nextjs', '--run', '123.1');
  expect(holder).toMatchObject({ status: 0, stdout: 'threads-prod is free' });
}, 60_000);

test('without a wait, the holder is reported at once', async () => {
  await lock(...take);
  const second = await lock('take', '--env', 'prod', '--reason', 'x', '--wait', '0', '--detach');
  expect(second).toMatchObject({
    status: 3,
    stderr: expect.stringMatching(/^lock threads-prod is held by nextjs \(run 123\.1\)/),
  });
}, 60_000);

test('Ctrl-C frees a lock that is held in the foreground', async () => {
  const held = spawn(
    process.execPath,
    ['-r', './register.cjs', 'scripts/lock.ts', 'take', '--env', 'prod', '--reason', 'maintenance'],
    {
      cwd: ROOT,
      env,
    },
  );
  await once(held.stdout, 'data');
  held.kill('SIGINT');
  await once(held, 'close');
  expect(JSON.parse((await lock('status', '--env', 'prod', '--json')).stdout)).toMatchObject({
    lock: 'threads-prod',
    record: { state: 'free', action: 'release' },
  });
}, 60_000);

test.each([
  ['no environment for what writes', ['break', '--reason', 'x'], /--env/],
  [
    'an environment without a lock',
    ['status', '--env', 'local'],
    /environment "local" of platform "threads" has no lock/,
  ],
  ['no reason', ['break', '--env', 'prod'], /--reason/],
])('%s is wrong usage', async (_, args, message) => {
  expect(await lock(...args)).toMatchObject({ status: 2, stderr: expect.stringMatching(message) });
});
