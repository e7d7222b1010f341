import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FailedError } from '../../errors';
import type { History } from '../tag/ancestry';
import { type Access, explained, gitOrFail, openAccess } from './access';
import { runGit } from './process';
import type { CommitId } from './ref-store';
import { type Credentials, remoteAddress } from './remote';

/** The commits on the branches of a remote repository, without their files. */
export class GitHistory implements History {
  private constructor(
    private readonly folder: string,
    private readonly access: Access,
  ) {}

  /** Fetches the commits. @throws {FailedError} when the repository cannot be read */
  static async open(url: string, credentials: Credentials = {}): Promise<GitHistory> {
    const address = remoteAddress(url, credentials);
    const folder = mkdtempSync(join(tmpdir(), 'strata-history-'));
    try {
      const access = await openAccess(address, credentials, folder);
      const history = new GitHistory(folder, access);
      await history.git('init', '--quiet', '--bare', '--template=');
      await history.git('config', 'remote.origin.url', address);
      await history.git(
        'fetch',
        '--quiet',
        '--no-tags',
        '--filter=tree:0',
        'origin',
        '+refs/heads/*:refs/strata/source/*',
      );
      // Otherwise git would later fetch any commit by its id, and GitHub also serves those of forks.
      await history.git('config', '--remove-section', 'remote.origin');
      return history;
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Removes the temporary folder. */
  close(): void {
    this.access.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async find(abbreviation: string): Promise<CommitId | undefined> {
    const args = ['rev-parse', '--verify', '--quiet', `${abbreviation}^{commit}`];
    const { code, stdout } = await runGit(args, this.folder, this.access.env);
    return code === 0 ? stdout.trim() : undefined;
  }

  async descends(commit: CommitId, ancestor: CommitId): Promise<boolean> {
    return descends(this.folder, this.access, commit, ancestor);
  }

  private git(...args: string[]): Promise<string> {
    return gitOrFail(args, this.folder, this.access);
  }
}

/** True when a commit is another one or descends from it, in a repository that has both. */
export async function descends(folder: string, access: Access, commit: CommitId, ancestor: CommitId): Promise<boolean> {
  const { code, stderr } = await runGit(['merge-base', '--is-ancestor', ancestor, commit], folder, access.env);
  if (code === 0 || code === 1) return code === 0;
  throw new FailedError(`git merge-base failed: ${explained(stderr, access)}`);
}
