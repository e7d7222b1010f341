import { appendFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FailedError, UsageError } from '../../errors';
import { type Access, explained, gitOrFail, openAccess } from './access';
import { descends } from './git-history';
import { runGit } from './process';
import { pushOutcome } from './push-report';
import {
  type CommitDraft,
  type CommitId,
  type CommitInfo,
  type PushOutcome,
  type RefStore,
  type RefUpdate,
  UnknownOutcomeError,
} from './ref-store';
import { type Credentials, remoteAddress } from './remote';

/**
 * The refs of a real remote, through the git binary and a bare repository in a temporary folder.
 *
 * Branches are fetched without the contents of files (a partial clone): git fetches the few that are read. Of other refs, such
 * as locks, only the newest commit is fetched.
 */
export class GitRefStore implements RefStore {
  private readonly present = new Set<CommitId>();
  private drafts = 0;

  private constructor(
    /** The bare repository. */
    readonly folder: string,
    private readonly access: Access,
  ) {}

  /** Prepares access to a remote; nothing is sent yet. @throws {UsageError} when the address has credentials in it */
  static async open(url: string, credentials: Credentials = {}): Promise<GitRefStore> {
    const address = remoteAddress(url, credentials);
    const folder = mkdtempSync(join(tmpdir(), 'strata-refs-'));
    try {
      const access = await openAccess(address, credentials, folder);
      const store = new GitRefStore(folder, access);
      await store.git(['init', '--quiet', '--bare', '--template=']);
      await store.git(['config', 'remote.origin.url', address]);
      // For checkouts.
      appendFileSync(join(folder, 'config'), '[core]\n\tsparseCheckout = true\n');
      mkdirSync(join(folder, 'info'), { recursive: true });
      writeFileSync(join(folder, 'info', 'sparse-checkout'), '/k8s/\n');
      return store;
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** The full id of a commit of a branch that was read. @throws {UsageError} if it is unknown */
  async resolve(revision: string): Promise<CommitId> {
    const args = ['rev-parse', '--verify', '--quiet', `${revision}^{commit}`];
    const { code, stdout } = await runGit(args, this.folder, this.access.env);
    if (code === 0) return stdout.trim();
    throw new UsageError(`unknown commit "${revision}" in the config repository`);
  }

  /** A folder with the files of a commit below `k8s`, until the store is closed. No others are fetched. */
  async checkout(commit: CommitId): Promise<string> {
    const folder = join(this.folder, 'checkouts', commit);
    if (existsSync(folder)) return folder;
    const unfinished = `${folder}.tmp`;
    mkdirSync(unfinished, { recursive: true });
    const env = { GIT_DIR: this.folder, GIT_WORK_TREE: unfinished, GIT_INDEX_FILE: `${folder}.index` };
    const access = { ...this.access, env: { ...this.access.env, ...env } };
    await gitOrFail(['read-tree', '-m', '-u', commit], unfinished, access);
    renameSync(unfinished, folder);
    return folder;
  }

  /** Removes the temporary folder. */
  close(): void {
    this.access.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async read<R extends string>(...refs: readonly R[]): Promise<Record<R, CommitId | null>> {
    for (let tries = 0; ; tries++) {
      const found = await this.listRemote(refs);
      const missing = refs.filter((ref) => found[ref] !== null && !this.present.has(found[ref] ?? ''));
      try {
        // What a fetch brings may be newer than the list, and is what the ref then was.
        return { ...found, ...(await this.fetch(missing)) };
      } catch (error) {
        // A ref that was deleted in between is no longer in the next list.
        if (tries === 2) throw error;
      }
    }
  }

  async commit({ parent, author, date, message, files }: CommitDraft): Promise<CommitId> {
    const signature = `${author.name} <${author.email}> ${Math.floor(date.getTime() / 1000)} +0000`;
    const data = (content: string) => `data ${Buffer.byteLength(content)}\n${content}\n`;
    const changes =
      files === 'empty'
        ? ['deleteall\n']
        : [...files].map(([path, content]) =>
            content === null ? `D ${path}\n` : `M 100644 inline ${path}\n${data(content)}`,
          );
    const stream = [
      `commit refs/strata/drafts/${this.drafts++}\nmark :1\nauthor ${signature}\ncommitter ${signature}\n`,
      data(message),
      ...(parent ? [`from ${parent}\n`] : []),
      ...changes,
      'get-mark :1\n',
    ].join('');
    const id = (await this.git(['fast-import', '--quiet'], stream)).trim();
    this.present.add(id);
    return id;
  }

  async push(updates: readonly RefUpdate[]): Promise<PushOutcome> {
    const leases = updates.map(({ ref, expected }) => `--force-with-lease=${ref}:${expected ?? ''}`);
    const refspecs = updates.map(({ ref, next }) => `${next}:${ref}`);
    const args = ['push', '--porcelain', '--atomic', ...leases, 'origin', ...refspecs];
    const { code, stdout, stderr } = await runGit(args, this.folder, this.access.env);
    const outcome = pushOutcome(code, stdout);
    if (outcome === 'pushed' || outcome === 'stale') return outcome;
    if (outcome === 'unknown') throw new UnknownOutcomeError(`git push failed: ${explained(stderr, this.access)}`);
    throw new FailedError(
      `the remote refused the push: ${outcome.refused}\n${explained(stderr, this.access)}\n` +
        'allow the identity that pushes to bypass branch protection (GITHUB_TOKEN cannot), then run this again',
    );
  }

  async message(commit: CommitId): Promise<string> {
    const object = await this.git(['cat-file', 'commit', commit]);
    return object.slice(object.indexOf('\n\n') + 2);
  }

  async file(commit: CommitId, path: string): Promise<string | undefined> {
    const args = ['cat-file', 'blob', `${commit}:${path}`];
    const { code, stdout, stderr } = await runGit(args, this.folder, this.access.env);
    if (code === 0) return stdout;
    if (/does not exist in|exists on disk, but not in/.test(stderr)) return undefined;
    throw new FailedError(`git cat-file failed: ${explained(stderr, this.access)}`);
  }

  async log(commit: CommitId, path: string, limit: number): Promise<CommitInfo[]> {
    const format = '--format=%H%n%an%n%cI%n%B';
    const printed = await this.git(['log', '-z', `--max-count=${limit}`, format, commit, '--', path]);
    return printed
      .split('\0')
      .filter((entry) => entry !== '')
      .map((entry) => {
        const [id = '', author = '', date = '', ...message] = entry.split('\n');
        return { id, author, date, message: message.join('\n') };
      });
  }

  async descends(commit: CommitId, ancestor: CommitId): Promise<boolean> {
    return descends(this.folder, this.access, commit, ancestor);
  }

  private async listRemote<R extends string>(refs: readonly R[]): Promise<Record<R, CommitId | null>> {
    const printed = await this.git(['ls-remote', 'origin', ...refs]);
    const found = new Map(printed.split('\n').map((line) => line.split('\t').reverse() as [string, string]));
    return Object.fromEntries(refs.map((ref) => [ref, found.get(ref) ?? null])) as Record<R, CommitId | null>;
  }

  private async fetch<R extends string>(refs: readonly R[]): Promise<Partial<Record<R, CommitId>>> {
    const branches = refs.filter((ref) => ref.startsWith('refs/heads/'));
    const others = refs.filter((ref) => !ref.startsWith('refs/heads/'));
    const specs = (names: readonly R[]) => names.map((ref) => `+${ref}:${ref}`);
    const quiet = ['fetch', '--quiet', '--no-tags'];
    if (branches.length > 0) await this.git([...quiet, '--filter=blob:none', 'origin', ...specs(branches)]);
    if (others.length > 0) await this.git([...quiet, '--depth=1', 'origin', ...specs(others)]);
    const fetched: Partial<Record<R, CommitId>> = {};
    for (const ref of refs) {
      const id = (await this.git(['rev-parse', '--verify', ref])).trim();
      fetched[ref] = id;
      this.present.add(id);
    }
    return fetched;
  }

  private git(args: readonly string[], input?: string): Promise<string> {
    return gitOrFail(args, this.folder, this.access, input);
  }
}
