import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GitRemotes } from '../../git/remotes';

const url = 'https://github.com/acme/platform.git';
const env = {
  PATH: process.env['PATH'],
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@example.com',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@example.com',
};

let root: string;
let tree: string;
let remotes: GitRemotes;

function git(cwd: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    .toString()
    .trim();
}

function write(file: string, text: string, folder = tree): void {
  mkdirSync(join(folder, file, '..'), { recursive: true });
  writeFileSync(join(folder, file), text);
}

async function read(commit: string, file: string): Promise<string> {
  return readFileSync(join(await remotes.checkout(url, commit), file), 'utf8');
}

function checkout(): void {
  git(tree, 'init', '-q', '-b', 'main');
  write('.gitignore', 'ignored/\n');
  write('a.yaml', 'a: 1\n');
  write('b.yaml', 'b: 1\n');
  git(tree, 'add', '-A');
  git(tree, 'commit', '-qm', 'first');
}

/** Commits a file straight to the bare repository, as a pipeline inside the sandbox does. */
function push(file: string, text: string): string {
  const clone = mkdtempSync(join(root, 'clone-'));
  git(root, 'clone', '-q', remotes.resolve(url) as string, clone);
  write(file, text, clone);
  git(clone, 'add', '-A');
  git(clone, 'commit', '-qm', 'pushed');
  git(clone, 'push', '-q', 'origin', 'HEAD');
  return git(clone, 'rev-parse', 'HEAD');
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'strata-git-'));
  tree = join(root, 'tree');
  mkdirSync(tree);
  remotes = GitRemotes.open(join(root, 'sandbox'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

test('a clean checkout is seeded as its own HEAD', async () => {
  checkout();
  expect(await remotes.seed(url, 'main', tree)).toBe(git(tree, 'rev-parse', 'HEAD'));
});

test('files that are not committed yet are seeded on top of HEAD, ignored ones are not', async () => {
  checkout();
  write('a.yaml', 'a: 2\n');
  write('new.yaml', 'n: 1\n');
  write('ignored/secret', 'x');
  rmSync(join(tree, 'b.yaml'));
  const commit = await remotes.seed(url, 'main', tree);
  expect(await read(commit, 'a.yaml')).toBe('a: 2\n');
  const files = git(remotes.resolve(url) as string, 'ls-tree', '-r', '--name-only', commit).split('\n');
  expect(files).toEqual(['.gitignore', 'a.yaml', 'new.yaml']);
  expect(git(remotes.resolve(url) as string, 'rev-parse', `${commit}^`)).toBe(git(tree, 'rev-parse', 'HEAD'));
});

test("the checkout's index, refs and configuration stay as they are", async () => {
  checkout();
  write('a.yaml', 'a: 2\n');
  const state = () => [
    readFileSync(join(tree, '.git/index')).toString('base64'),
    statSync(join(tree, '.git/index')).mtimeMs,
    git(tree, 'for-each-ref'),
    readFileSync(join(tree, '.git/config'), 'utf8'),
    git(tree, 'diff', '--name-only'),
  ];
  const before = state();
  await remotes.seed(url, 'main', tree);
  expect(state()).toEqual(before);
});

test('an unchanged folder makes no new commit', async () => {
  write('a.yaml', 'a: 1\n');
  const first = await remotes.seed(url, 'main', tree);
  expect(await remotes.seed(url, 'main', tree)).toBe(first);
});

test('a folder that is no checkout is seeded without its build products', async () => {
  for (const file of ['a.yaml', 'node_modules/x.js', '.sandbox/world.json', 'cdktf.out/m.json']) write(file, 'x');
  const commit = await remotes.seed(url, 'main', tree);
  expect(git(remotes.resolve(url) as string, 'ls-tree', '-r', '--name-only', commit)).toBe('a.yaml');
});

test('what was pushed inside the sandbox survives the next seed of an unchanged folder', async () => {
  checkout();
  await remotes.seed(url, 'main', tree);
  const pushed = push('a.yaml', 'a: pushed\n');
  expect(await remotes.seed(url, 'main', tree)).toBe(pushed);
});

test('what was pushed inside the sandbox survives a change of another file, and is replaced by a change of the same file', async () => {
  checkout();
  await remotes.seed(url, 'main', tree);
  const pushed = push('a.yaml', 'a: pushed\n');
  write('b.yaml', 'b: 2\n');
  const merged = await remotes.seed(url, 'main', tree);
  expect([await read(merged, 'a.yaml'), await read(merged, 'b.yaml')]).toEqual(['a: pushed\n', 'b: 2\n']);
  write('a.yaml', 'a: mine\n');
  const mine = await remotes.seed(url, 'main', tree);
  expect(await read(mine, 'a.yaml')).toBe('a: mine\n');
  expect(git(remotes.resolve(url) as string, 'merge-base', pushed, mine)).toBe(pushed);
});

test('a commit made after the seed becomes part of the branch history', async () => {
  checkout();
  write('a.yaml', 'a: 2\n');
  await remotes.seed(url, 'main', tree);
  git(tree, 'commit', '-qam', 'second');
  const commit = await remotes.seed(url, 'main', tree);
  const head = git(tree, 'rev-parse', 'HEAD');
  expect(git(remotes.resolve(url) as string, 'merge-base', head, commit)).toBe(head);
});

test('every form of a URL leads to the same repository, through git itself too', async () => {
  write('a.yaml', 'a: 1\n');
  const commit = await remotes.seed(url, 'main', tree);
  const config = join(root, 'gitconfig');
  writeFileSync(config, remotes.gitConfig());
  for (const form of [
    'https://github.com/acme/platform',
    'git@github.com:acme/platform.git',
    'ssh://git@github.com/acme/platform',
  ]) {
    expect(await remotes.head(form, 'main')).toBe(commit);
    const seen = execFileSync('git', ['ls-remote', form, 'main'], { env: { ...env, GIT_CONFIG_GLOBAL: config } });
    expect(seen.toString()).toContain(commit);
  }
});

test('branches, tags, short commits and HEAD are revisions; anything else is not', async () => {
  write('a.yaml', 'a: 1\n');
  const commit = await remotes.seed(url, 'main', tree);
  git(remotes.resolve(url) as string, 'tag', 'v1', commit);
  for (const revision of ['main', 'v1', commit.slice(0, 7), 'HEAD'])
    expect(await remotes.head(url, revision)).toBe(commit);
  expect(await remotes.head(url, 'gone')).toBeUndefined();
  expect(await remotes.head('https://github.com/acme/other', 'main')).toBeUndefined();
});

test('a few hundred files are seeded again in well under a second', async () => {
  for (let index = 0; index < 300; index++) write(`k8s/${index % 20}/${index}.yaml`, `n: ${index}\n`);
  checkout();
  await remotes.seed(url, 'main', tree);
  write('k8s/1/1.yaml', 'n: changed\n');
  const start = performance.now();
  await remotes.seed(url, 'main', tree);
  expect(performance.now() - start).toBeLessThan(1000);
});
