import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import threads from '../../platforms/threads/platform';
import { git, Remote } from '../delivery/git/repositories';
import { Commands } from '../helpers/commands';
import { TestRegistry } from '../helpers/registry';

const commands = new Commands();
const OVERLAY = 'k8s/threads/overlays/local';
const IMAGE = 'us-east1-docker.pkg.dev/web-service-design/threads/nextjs';
const BASE = { 'k8s/threads/base/kustomization.yaml': 'resources: []\n' };

let remote: Remote;
let registry: TestRegistry;
let folder: string;
let env: NodeJS.ProcessEnv;
/** Commits of the platform's repository: each descends from the one before. */
let commits: string[];

const overlay = (tag: string) => `resources: [../../base]\nimages:\n  - name: ${IMAGE}\n    newTag: ${tag} # by CI\n`;
const tagOf = (index: number) => (commits[index] ?? '').slice(0, 7);

beforeAll(async () => {
  remote = new Remote();
  git(remote.path, 'symbolic-ref', 'HEAD', 'refs/heads/master');
  registry = await new TestRegistry().open();
  folder = mkdtempSync(join(tmpdir(), 'strata-tag-'));
  const config = join(folder, 'gitconfig');
  writeFileSync(config, `[url "${remote.url}"]\n\tinsteadOf = ${threads.repository.url}\n`);
  env = {
    ...process.env,
    ...{ GIT_CONFIG_GLOBAL: config, DOCKER_CONFIG: folder, STRATA_REGISTRY_ENDPOINT: registry.endpoint },
    ...{ GITHUB_RUN_ID: '', REPO_ACCESS_TOKEN: '', CONFIG_DEPLOY_KEY: '', GITHUB_ACTOR: 'jane' },
  };
  commits = [];
  for (const round of [0, 1, 2]) commits.push(await remote.commit({ ...BASE, app: String(round) }, 'master'));
  for (const index of [0, 1, 2]) registry.pushIndex(IMAGE.replace(/^[^/]+\//, ''), tagOf(index), ['linux/amd64']);
  await remote.commit({ [`${OVERLAY}/kustomization.yaml`]: overlay(tagOf(1)) }, 'master');
});

afterAll(async () => {
  await commands.close();
  await registry.close();
  remote.close();
  rmSync(folder, { recursive: true, force: true });
});

async function tag(...args: string[]) {
  const { code: status, stdout, stderr } = await commands.run('tag', args, env);
  return { status, stdout: stdout.trim(), stderr: stderr.trim() };
}

const local = ['--env', 'local', '--service', 'nextjs'];
const deployed = () => git(remote.path, 'show', `master:${OVERLAY}/kustomization.yaml`);

test('a tag moves forward, is taken back and held, and released', async () => {
  const planned = await tag('set', ...local, '--tag', tagOf(2), '--dry-run');
  expect(planned).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^nextjs in local: \w+ -> \w+ \(forward\)\nplanned: /),
  });
  expect(deployed()).toContain(tagOf(1));

  expect(await tag('set', ...local, '--tag', tagOf(2))).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('written: '),
  });
  expect(`${deployed()}\n`).toBe(overlay(tagOf(2)));
  expect(git(remote.path, 'log', '-1', '--format=%an %s%n%b', 'master')).toMatch(
    new RegExp(
      `^github-actions\\[bot\\] deploy: nextjs ${tagOf(2)}\n[^]*Image: ${IMAGE}:${tagOf(2)}\nDigest: sha256:[0-9a-f]{64}\n`,
    ),
  );

  const back = await tag('set', ...local, '--tag', tagOf(0));
  expect(back).toMatchObject({ status: 3, stderr: expect.stringContaining('Pin the tag instead: npm run tag -- pin') });
  expect((await tag('pin', ...local, '--tag', tagOf(0), '--reason', 'broken')).status).toBe(0);
  const { pin, entries } = JSON.parse((await tag('history', ...local, '--json')).stdout) as {
    pin: object;
    entries: { tag: string; action?: string }[];
  };
  expect(pin).toMatchObject({ tag: tagOf(0), by: 'jane', reason: 'broken' });
  expect(entries.map((entry) => [entry.tag, entry.action])).toEqual([
    [tagOf(0), 'rollback'],
    [tagOf(2), 'set'],
    [tagOf(1), undefined],
  ]);
  expect((await tag('unpin', ...local)).status).toBe(0);
  expect(git(remote.path, 'ls-tree', '--name-only', `master:${OVERLAY}`)).toBe('kustomization.yaml');
}, 120_000);

test('a tag that the registry does not have is not written', async () => {
  const before = deployed();
  const missing = await tag('set', ...local, '--tag', 'fffffff');
  expect(missing.status).not.toBe(0);
  expect(missing.stderr).toContain('fffffff');
  expect(deployed()).toBe(before);
}, 60_000);

test.each([
  ['no environment', ['set', '--service', 'nextjs', '--tag', 'x'], /--env/],
  ['no reason for a pin', ['pin', ...local], /--reason/],
  [
    'a service that is not the platform’s',
    ['unpin', '--env', 'local', '--service', 'nextj'],
    /unknown service "nextj"/,
  ],
  ['--pr without a token', ['set', ...local, '--tag', 'x', '--pr'], /--pr: needs REPO_ACCESS_TOKEN/],
])(
  '%s is wrong usage',
  async (_, args, message) => {
    expect(await tag(...args)).toMatchObject({ status: 2, stderr: expect.stringMatching(message) });
  },
  60_000,
);

test('package.json has the commands', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    scripts: Record<string, string>;
  };
  expect([scripts['lock'], scripts['tag']].every((script) => script?.includes('register.cjs'))).toBe(true);
});
