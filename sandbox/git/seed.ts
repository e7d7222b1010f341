import { existsSync, lstatSync, readdirSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import { git, run, tryGit } from './git';

/** A branch of a bare repository and the folder that it is to hold. */
export interface Seed {
  readonly repository: string;
  readonly branch: string;
  /** @default - no files */
  readonly workTree?: string;
}

/** Folders that are never part of a remote. Of a Git checkout, its own ignore rules decide. */
const SKIPPED = new Set(['.git', 'node_modules', '.sandbox', '.terraform', 'cdktf.out']);

const AUTHOR = { name: 'Strata sandbox', email: 'sandbox@strata.invalid', date: '2026-01-01T00:00:00Z' };

/** Commits what changed in the folder since the last seed on top of the branch. @returns the branch's commit. */
export async function seedBranch(seed: Seed): Promise<string> {
  const { repository, branch, workTree } = seed;
  const cwd = repository;
  const base = workTree && (await fetchHead(repository, workTree));
  const tree = workTree
    ? await writeTree(repository, branch, workTree, base !== undefined)
    : (await git(['hash-object', '-w', '-t', 'tree', '--stdin'], { cwd })).trim();
  const memory = `refs/strata/seed/${branch}`;
  const heads = `refs/heads/${branch}`;
  const refs = await refsOf(cwd, [memory, heads]);
  const [last, head] = [refs.get(memory), refs.get(heads)];
  const isUntouched = !last || head?.tree === last.object;
  const wanted = head && !isUntouched ? await transplant(seed, last.object, tree, head.object) : tree;
  const commit = await commitOf(
    wanted,
    head,
    base,
    cwd,
    workTree ? `working tree of ${basename(workTree)}` : 'no files yet',
  );
  const expected = head?.object ?? '0'.repeat(40);
  await git(['update-ref', '--stdin'], {
    cwd,
    input: `start\nupdate ${heads} ${commit} ${expected}\nupdate ${memory} ${tree}\ncommit\n`,
  });
  return commit;
}

/** What a ref names: an object and, of a commit, its tree. */
interface Ref {
  readonly object: string;
  readonly tree: string;
}

/** Refs by their names, without those that do not exist. */
async function refsOf(cwd: string, names: readonly string[]): Promise<Map<string, Ref>> {
  const printed = await git(['for-each-ref', '--format=%(refname) %(objectname) %(tree)', ...names], { cwd });
  return new Map(
    printed.split('\n').map((line) => {
      const [name = '', object = '', tree = ''] = line.split(' ');
      return [name, { object, tree }];
    }),
  );
}

/** Copies the checkout's HEAD with its history; undefined for a folder that is no checkout or has no commit yet. */
async function fetchHead(repository: string, workTree: string): Promise<string | undefined> {
  // What reads the user's repository reads it with the user's configuration: it says whom to trust and what to ignore.
  const theirs = (args: string[], cwd = workTree) => run('git', args, { cwd });
  const top = await theirs(['rev-parse', '--show-toplevel']).catch(() => undefined);
  if (!top || realpathSync(top.trim()) !== realpathSync(workTree)) return undefined;
  const head = (await theirs(['rev-parse', '--verify', '--quiet', 'HEAD']).catch(() => '')).trim();
  if (!head) return '';
  if ((await tryGit(['cat-file', '-e', `${head}^{commit}`], { cwd: repository })) === undefined) {
    // A shallow clone, as continuous integration makes it, has no more history to give.
    await theirs(['fetch', '--quiet', '--no-tags', '--update-shallow', workTree, 'HEAD'], repository);
  }
  return head;
}

/** Writes the folder's files as a tree, through a separate index: that of the checkout stays unchanged. */
async function writeTree(repository: string, branch: string, workTree: string, isCheckout: boolean): Promise<string> {
  const env = {
    GIT_DIR: repository,
    GIT_WORK_TREE: workTree,
    GIT_INDEX_FILE: join(repository, `seed-${branch.replace(/\W/g, '_')}.index`),
  };
  const listed = isCheckout
    ? (await run('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: workTree })).split(
        '\0',
      )
    : walk(workTree, '');
  const files = new Set(listed.filter((file) => file !== '' && !file.endsWith('/')));
  const isFirst = !existsSync(env.GIT_INDEX_FILE);
  const before = isFirst ? [] : (await git(['ls-files', '-z'], { cwd: workTree, env })).split('\0').filter(Boolean);
  const gone = before.filter((file) => !files.has(file));
  const lines = (names: Iterable<string>) => [...names].map((name) => `${name}\0`).join('');
  if (gone.length) {
    await git(['update-index', '-z', '--force-remove', '--stdin'], { cwd: workTree, env, input: lines(gone) });
  }
  await git(['update-index', '-z', '--add', '--remove', '--stdin'], { cwd: workTree, env, input: lines(files) });
  return (await git(['write-tree'], { cwd: workTree, env })).trim();
}

/** The branch's files with what changed between two states of the folder put in. */
async function transplant({ repository: cwd }: Seed, from: string, to: string, head: string): Promise<string> {
  const env = { GIT_INDEX_FILE: join(cwd, 'transplant.index') };
  const changes = (await git(['diff-tree', '-r', '-z', '--no-renames', from, to], { cwd })).split('\0').filter(Boolean);
  await git(['read-tree', head], { cwd, env });
  let input = '';
  for (let index = 0; index + 1 < changes.length; index += 2) {
    const [, mode, , object] = (changes[index] ?? '').slice(1).split(' ');
    input += `${mode} ${object}\t${changes[index + 1]}\0`;
  }
  if (input) await git(['update-index', '-z', '--index-info'], { cwd, env, input });
  return (await git(['write-tree'], { cwd, env })).trim();
}

/** The commit that holds the tree and has both the branch and the checkout's HEAD in its history; created if necessary. */
async function commitOf(tree: string, head: Ref | undefined, base: string | undefined, cwd: string, message: string) {
  const contains = async (commit: string, ancestor: string) =>
    commit === ancestor || (await tryGit(['merge-base', '--is-ancestor', ancestor, commit], { cwd })) !== undefined;
  const treeOf = async (commit: string) => (await git(['rev-parse', `${commit}^{tree}`], { cwd })).trim();
  if (head?.tree === tree && (!base || (await contains(head.object, base)))) return head.object;
  if (base && (!head || (await contains(base, head.object))) && (await treeOf(base)) === tree) return base;
  const parents: string[] = [];
  for (const parent of [head?.object, base]) {
    if (parent && !(await Promise.all(parents.map((other) => contains(other, parent)))).some(Boolean))
      parents.push(parent);
  }
  const env = Object.fromEntries(
    ['AUTHOR', 'COMMITTER'].flatMap((role) =>
      Object.entries(AUTHOR).map(([key, value]) => [`GIT_${role}_${key.toUpperCase()}`, value]),
    ),
  );
  const args = ['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-m', message];
  return (await git(args, { cwd, env })).trim();
}

function walk(root: string, folder: string): string[] {
  return readdirSync(join(root, folder)).flatMap((name) => {
    const path = folder ? `${folder}/${name}` : name;
    if (SKIPPED.has(name)) return [];
    return lstatSync(join(root, path)).isDirectory() ? walk(root, path) : [path];
  });
}
