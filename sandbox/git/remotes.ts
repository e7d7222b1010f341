import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { git, tryGit } from './git';
import { type Seed, seedBranch } from './seed';

/** A remote by the parts of its URL that name it: `https://h/o/r.git`, `git@h:o/r` and `ssh://git@h/o/r` are one. */
function parts(url: string): { host: string; path: string } {
  const match = /^(?:[a-z+]+:\/\/)?(?:[^@/]+@)?([^:/]+)(?::\d+)?[:/]+(.+?)(?:\.git)?\/*$/.exec(url);
  if (!match) throw new Error(`not the URL of a Git repository: ${url}; use https://HOST/OWNER/NAME.git`);
  return { host: (match[1] ?? '').toLowerCase(), path: match[2] ?? '' };
}

/** GitHub's SSH through the port of HTTPS. Source: https://docs.github.com/en/authentication/troubleshooting-ssh/using-ssh-over-the-https-port */
function portOf(host: string, path: string): string[] {
  return host === 'github.com' ? [`ssh://git@ssh.github.com:443/${path}`] : [];
}

/**
 * Local bare repositories that replace real remotes.
 *
 * @example
 * const remotes = GitRemotes.open('.sandbox/git');
 * await remotes.seed('https://github.com/acme/app.git', 'main', process.cwd());
 * await remotes.head('git@github.com:acme/app', 'main');
 */
export class GitRemotes {
  private readonly underWay = new Map<string, Promise<unknown>>();

  private constructor(private readonly dir: string) {}

  /** The remotes kept in `dir`, which is created when it does not exist. */
  static open(dir: string): GitRemotes {
    mkdirSync(dir, { recursive: true });
    return new GitRemotes(resolve(dir));
  }

  /** The path of a file of that name next to the remotes. */
  file(name: string): string {
    return join(this.dir, name);
  }

  /** URLs of all remotes, in their https form. */
  urls(): string[] {
    const file = join(this.dir, 'remotes.json');
    const content: unknown = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
    if (Array.isArray(content) && content.every((url) => typeof url === 'string')) return content;
    throw new Error(`${file} is not a list of addresses; start over with --fresh`);
  }

  /** Lets only those read a remote who have a credential for it. */
  protect(url: string): void {
    const { host, path } = parts(url);
    writeFileSync(this.file('private.json'), JSON.stringify([...new Set([...this.privates(), `${host}/${path}`])]));
  }

  /** Whether a remote cannot be read without a credential. */
  isPrivate(url: string): boolean {
    const { host, path } = parts(url);
    return this.privates().includes(`${host}/${path}`);
  }

  private privates(): string[] {
    const file = this.file('private.json');
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as string[]) : [];
  }

  /** The bare repository that replaces a URL, or undefined when there is none. */
  resolve(url: string): string | undefined {
    const path = this.path(url);
    return existsSync(path) ? path : undefined;
  }

  /**
   * Copies the files of a folder to the branch of a remote, which is created when it does not exist.
   *
   * Of a Git checkout that is every file that Git would add, on top of its HEAD; of any other folder every file outside
   * `node_modules`, `.sandbox`, `.terraform` and `cdktf.out`. Only what changed in the folder since the last seed is
   * committed, on top of whatever the branch holds by now, so that nothing pushed in between is lost: its commits stay in
   * the history, and its files too unless the very same file changed in the folder. The folder and its repository are
   * only read.
   *
   * @param workTree - the folder. @default - no files
   * @returns the branch's commit. An unchanged folder makes no new one.
   */
  seed(url: string, branch: string, workTree?: string): Promise<string> {
    return this.alone(url, async () => {
      const repository = this.path(url);
      if (!existsSync(repository)) await this.make(url, branch);
      const seed: Seed = { repository, branch, ...(workTree && { workTree: resolve(workTree) }) };
      return seedBranch(seed);
    });
  }

  /** Lines for a `.gitconfig` that redirect every form of every remote's URL to its local repository. */
  gitConfig(): string {
    return this.urls()
      .map((url) => {
        const { host, path } = parts(url);
        const forms = [
          `https://${host}/${path}`,
          `git@${host}:${path}`,
          `ssh://git@${host}/${path}`,
          ...portOf(host, path),
        ];
        const lines = forms.flatMap((form) => [`${form}.git`, form]).map((form) => `\tinsteadOf = ${form}`);
        return [`[url "file://${this.path(url)}"]`, ...lines].join('\n');
      })
      .map((section) => `${section}\n`)
      .join('');
  }

  /** The commit that a branch, tag or commit of a remote names, or undefined when either is not there. */
  async head(url: string, revision = 'HEAD'): Promise<string | undefined> {
    const repository = this.resolve(url);
    if (!repository) return undefined;
    const loose = join(repository, 'refs/heads', revision);
    // A branch just pushed is a loose file: reading it saves a process at every check.
    if (/^[\w./-]+$/.test(revision) && !revision.includes('..') && existsSync(loose)) {
      const commit = safeRead(loose);
      if (/^[0-9a-f]{40}$/.test(commit)) return commit;
    }
    for (const name of [`refs/heads/${revision}`, `refs/tags/${revision}`, revision]) {
      const found = await tryGit(['rev-parse', '--verify', '--quiet', `${name}^{commit}`], { cwd: repository });
      if (found) return found.trim();
    }
    return undefined;
  }

  /** The text of a file in a commit. @throws Error when there is none. */
  async read(url: string, commit: string, path: string): Promise<string> {
    return readFileSync(join(await this.checkout(url, commit), path), 'utf8');
  }

  /**
   * Commits one file, changed, on top of a branch, as a push from elsewhere would.
   *
   * @param file.edit - makes the new text of the old one; the same text makes no commit.
   * @param file.date - RFC 3339.
   * @returns the branch's commit.
   * @throws Error when there is no such remote, branch or file.
   */
  commit(
    url: string,
    branch: string,
    file: { path: string; edit: (text: string) => string; author: string; message: string; date: string },
  ): Promise<string> {
    return this.alone(url, async () => {
      const cwd = this.resolve(url);
      const head = cwd && (await this.head(url, branch));
      if (!head) throw new Error(`${url} has no branch ${branch}`);
      const text = await git(['show', `${head}:${file.path}`], { cwd });
      const input = file.edit(text);
      if (input === text) return head;
      const identity = ['AUTHOR', 'COMMITTER'].flatMap((role) => [
        [`GIT_${role}_NAME`, file.author],
        [`GIT_${role}_EMAIL`, `${file.author}@localhost`],
        [`GIT_${role}_DATE`, file.date],
      ]);
      const env = { ...Object.fromEntries(identity), GIT_INDEX_FILE: join(cwd, 'commit.index') };
      const blob = (await git(['hash-object', '-w', '--stdin'], { cwd, input })).trim();
      await git(['read-tree', head], { cwd, env });
      await git(['update-index', '--cacheinfo', `100644,${blob},${file.path}`], { cwd, env });
      const tree = (await git(['write-tree'], { cwd, env })).trim();
      const commit = (await git(['commit-tree', tree, '-p', head, '-m', file.message], { cwd, env })).trim();
      await git(['update-ref', `refs/heads/${branch}`, commit, head], { cwd });
      return commit;
    });
  }

  /**
   * A folder with the files of a commit, created once and shared: do not change it.
   *
   * @throws Error when there is no such remote or commit.
   */
  async checkout(url: string, commit: string): Promise<string> {
    const repository = this.resolve(url);
    if (!repository) throw new Error(`repository not found: ${url}`);
    const target = join(this.dir, 'checkouts', basename(repository), commit);
    if (existsSync(target)) return target;
    return this.alone(target, async () => {
      if (existsSync(target)) return target;
      const temporary = `${target}.${process.pid}.tmp`;
      rmSync(temporary, { recursive: true, force: true });
      mkdirSync(temporary, { recursive: true });
      const env = { GIT_DIR: repository, GIT_WORK_TREE: temporary, GIT_INDEX_FILE: `${temporary}.index` };
      await git(['read-tree', commit], { cwd: temporary, env });
      await git(['checkout-index', '--all'], { cwd: temporary, env });
      rmSync(env.GIT_INDEX_FILE, { force: true });
      renameSync(temporary, target);
      return target;
    });
  }

  private path(url: string): string {
    const { host, path } = parts(url);
    return join(this.dir, 'remotes', `${`${host}/${path}`.replace(/[^\w.-]+/g, '_')}.git`);
  }

  private async make(url: string, branch: string): Promise<void> {
    const { host, path } = parts(url);
    const repository = this.path(url);
    await git(['init', '--quiet', '--bare', `--initial-branch=${branch}`, repository]);
    // A collection in the background would race with the next push.
    await git(['config', 'gc.auto', '0'], { cwd: repository });
    const urls = [...new Set([...this.urls(), `https://${host}/${path}.git`])].sort();
    writeFileSync(join(this.dir, 'remotes.json'), `${JSON.stringify(urls, null, 2)}\n`);
  }

  /** One at a time for each key. */
  private alone<T>(key: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.underWay.get(key) ?? Promise.resolve()).then(work, work);
    this.underWay.set(key, turn);
    return turn;
  }
}

function safeRead(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}
