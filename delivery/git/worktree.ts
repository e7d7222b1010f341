import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../../errors';
import { runGit } from './process';

/**
 * Checks a commit out into a temporary folder, and removes the folder when the work is done.
 *
 * @param ref - a branch, tag or commit of the repository in `cwd`.
 * @throws {UsageError} if there is no such commit.
 */
export async function withWorktree<T>(cwd: string, ref: string, work: (folder: string) => Promise<T>): Promise<T> {
  const commit = await runGit(['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`], cwd);
  if (commit.code !== 0)
    throw new UsageError(`git knows no commit "${ref}"; give a branch, a tag or a commit, and fetch it first`);
  const parent = mkdtempSync(join(tmpdir(), 'strata-base-'));
  const folder = join(parent, 'checkout');
  try {
    const added = await runGit(['worktree', 'add', '--detach', '--quiet', folder, commit.stdout.trim()], cwd);
    if (added.code !== 0) throw new Error(`git could not check out ${ref}: ${added.stderr.trim()}`);
    return await work(folder);
  } finally {
    await runGit(['worktree', 'remove', '--force', folder], cwd);
    rmSync(parent, { recursive: true, force: true });
  }
}
