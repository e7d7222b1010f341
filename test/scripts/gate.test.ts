import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadPlatform } from '../../platforms/load';
import { git, Remote } from '../delivery/git/repositories';
import { Commands } from '../helpers/commands';

const ROOT = join(__dirname, '../..');
const { url } = loadPlatform('threads').repository;
const FILE = 'platforms/threads/deploy-control.yaml';
/** 13:00 and 22:00 in Taipei, where the VM sleeps from 21:00. */
const NOON = '2026-01-05T05:00:00Z';
const NIGHT = '2026-01-05T14:00:00Z';

const commands = new Commands();
let remote: Remote;

beforeAll(async () => {
  remote = new Remote();
  await remote.commit({ [FILE]: readFileSync(join(ROOT, FILE), 'utf8') }, 'master');
  const config = `[user]\n\tname = Alice\n\temail = alice@example.com\n[url "${remote.url}"]\n\tinsteadOf = ${url}\n`;
  writeFileSync(join(dirname(remote.path), 'gitconfig'), config);
});

afterAll(async () => {
  await commands.close();
  remote.close();
});

async function gate(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { GITHUB_ACTIONS: _, ...inherited } = process.env;
  const config = { GIT_CONFIG_GLOBAL: join(dirname(remote.path), 'gitconfig'), GIT_CONFIG_NOSYSTEM: '1' };
  const { code: status, ...printed } = await commands.run('gate', args, { ...inherited, ...config, ...env });
  return { status, ...printed };
}

const nextjs = ['--service', 'nextjs', '--tag', '8caff6f'];
const check = ['check', '--env', 'prod', ...nextjs, '--at'];
const head = () => git(remote.path, 'rev-parse', 'master');

test('what is not approved ends with 3 and the command that approves it', async () => {
  const { status, stdout } = await gate([...check, NOON]);
  expect(stdout).toBe(`needs approval: nextjs 8caff6f to prod
  needs approval: no approval for nextjs 8caff6f for prod: environments.prod.require_manual_approval is true
    until: a person has approved it
    override: a person: npm run gate -- approve --platform threads --env prod --service nextjs --tag 8caff6f
`);
  expect(status).toBe(3);
});

test('an approval shown dry leaves the repository as it was', async () => {
  const before = head();
  const { status, stdout } = await gate(['approve', '--env', 'prod', ...nextjs, '--at', NOON, '--dry-run']);
  expect(stdout).toBe(
    `would approve nextjs 8caff6f for prod until 2026-01-06T05:00:00Z, as Alice, on branch master of ${url}\n`,
  );
  expect(status).toBe(0);
  expect(head()).toBe(before);
});

test.each<[string, string[], NodeJS.ProcessEnv, number, string]>([
  [
    'without an environment',
    ['approve', ...nextjs],
    {},
    2,
    '--env: missing; give the environment, such as: --env prod\n',
  ],
  [
    'of a service that does not exist',
    ['approve', '--env', 'prod', '--service', 'chat', '--tag', '8caff6f'],
    {},
    2,
    'unknown service "chat" in platform "threads"; expected one of nextjs, ml-service, postgres\n',
  ],
  [
    'where there is no gate',
    ['approve', '--env', 'staging', ...nextjs],
    {},
    2,
    'environment "staging" of platform "threads" has no gate, so it needs no approval; set delivery.gate to true in its description\n',
  ],
  [
    'for half an hour',
    ['approve', '--env', 'prod', ...nextjs, '--hours', '0.5', '--at', NOON],
    {},
    2,
    '--hours: got "0.5"; give a whole number from 1 to 168\n',
  ],
  [
    'by a workflow',
    ['approve', '--env', 'prod', ...nextjs],
    { GITHUB_ACTIONS: 'true' },
    3,
    'only a person can approve, not a workflow; run this on your own machine\n',
  ],
  [
    'by a bot',
    ['approve', '--env', 'prod', ...nextjs],
    { GIT_AUTHOR_NAME: 'github-actions[bot]', GIT_AUTHOR_EMAIL: 'bot@example.com' },
    3,
    'only a person can approve, not github-actions[bot] <bot@example.com>; run this on your own machine, with your own git identity\n',
  ],
  [
    'by somebody whom git does not know',
    ['approve', '--env', 'prod', ...nextjs],
    { GIT_CONFIG_GLOBAL: '/dev/null' },
    2,
    'git has no user.name or user.email; set them with git config --global\n',
  ],
])('an approval %s is refused', async (_, args, env, code, problem) => {
  const before = head();
  const { status, stderr } = await gate(args, env);
  expect(stderr).toBe(problem);
  expect(status).toBe(code);
  expect(head()).toBe(before);
});

test('what a person approves is allowed by day, and asleep by night', async () => {
  const approved = await gate(['approve', '--env', 'prod', ...nextjs, '--at', NOON, '--json']);
  expect(approved.stderr).toBe('');
  expect(JSON.parse(approved.stdout)).toEqual({
    platform: 'threads',
    environment: 'prod',
    service: 'nextjs',
    version: '8caff6f',
    expires: '2026-01-06T05:00:00Z',
    approver: 'Alice',
    file: 'platforms/threads/approvals/prod/nextjs/8caff6f.yaml',
    commit: head(),
  });
  const day = await gate([...check, NOON]);
  expect(day.stdout).toContain('allowed: nextjs 8caff6f to prod\n');
  expect(day.status).toBe(0);
  const night = await gate([...check, NIGHT, '--json']);
  expect(JSON.parse(night.stdout)).toMatchObject({ service: 'nextjs', verdict: 'deny' });
  expect(night.status).toBe(5);
  expect((await gate([...check, NIGHT, '--trigger', 'push'])).status).toBe(3);
});

test('the state of an environment lists each service and ends with 0', async () => {
  const { status, stdout } = await gate(['status', '--env', 'prod', '--at', NOON]);
  expect(stdout.split('\n').filter((line) => !line.startsWith(' '))).toEqual([
    'needs approval: nextjs to prod',
    'needs approval: ml-service to prod',
    'needs approval: postgres to prod',
    '',
  ]);
  expect(status).toBe(0);
});

test('a time without an offset is refused', async () => {
  const { status, stderr } = await gate([...check, '2026-01-05 13:00']);
  expect(stderr).toBe('--at: got "2026-01-05 13:00"; give a time with its offset, such as 2026-01-05T10:00:00Z\n');
  expect(status).toBe(2);
});
