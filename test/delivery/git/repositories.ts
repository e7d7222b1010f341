import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GitRefStore } from '../../../delivery/git/git-ref-store';
import type { Credentials } from '../../../delivery/git/remote';

const ENV = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };

/** Runs git, without anybody's configuration. */
export function git(cwd: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd, env: ENV, stdio: ['ignore', 'pipe', 'pipe'] })
    .toString()
    .trim();
}

/** A bare repository on this machine, and the stores that were opened on it. */
export class Remote {
  private readonly folder = mkdtempSync(join(tmpdir(), 'strata-remote-'));
  private readonly stores: GitRefStore[] = [];
  readonly path = join(this.folder, 'config.git');

  constructor() {
    git(this.folder, 'init', '--quiet', '--bare', '--template=', '-b', 'main', this.path);
    git(this.path, 'config', 'uploadpack.allowFilter', 'true');
  }

  get url(): string {
    return `file://${this.path}`;
  }

  async open(credentials: Credentials = {}): Promise<GitRefStore> {
    const store = await GitRefStore.open(this.url, credentials);
    this.stores.push(store);
    return store;
  }

  /** Creates a branch with files, or adds a commit to it. @returns the commit */
  async commit(files: Readonly<Record<string, string>>, branch = 'main', message = 'files'): Promise<string> {
    const store = await this.open();
    const ref = `refs/heads/${branch}`;
    const { [ref]: head = null } = await store.read(ref);
    const author = { name: 'a', email: 'a@example.com' };
    const draft = {
      parent: head ?? undefined,
      author,
      date: new Date(0),
      message,
      files: new Map(Object.entries(files)),
    };
    const commit = await store.commit(draft);
    await store.push([{ ref, expected: head, next: commit }]);
    return commit;
  }

  close(): void {
    for (const store of this.stores) store.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
