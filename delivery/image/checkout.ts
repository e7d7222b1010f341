import { run } from '../../clients/process';
import { FailedError } from '../../errors';
import type { Commit } from './tag-scheme';

/** A checkout of a repository. */
export interface Checkout {
  readonly commit: Commit;
  /** Files of the build context that differ from the commit. */
  readonly uncommitted: readonly string[];
}

/**
 * Reads which commit a folder has checked out.
 *
 * @param context - the folder in it that an image is built from.
 * @throws {FailedError} if it is not a checkout.
 */
export async function readCheckout(folder: string, context = '.', env = process.env): Promise<Checkout> {
  const git = async (...args: string[]) => {
    const { code, stdout, stderr } = await run('git', args, { cwd: folder, env });
    if (code !== 0)
      throw new FailedError(`${folder} is not a git checkout with a commit: git ${args.join(' ')}: ${stderr.trim()}`);
    return stdout.trimEnd();
  };
  const sha = await git('rev-parse', 'HEAD');
  const named = await git('rev-parse', '--abbrev-ref', 'HEAD');
  // A workflow that was started by another one checks out a commit, not a branch.
  const branch = named === 'HEAD' ? (env['GITHUB_REF_NAME'] ?? '') : named;
  const status = await git('status', '--porcelain', '--', context);
  return {
    commit: { sha, branch },
    uncommitted: status
      .split('\n')
      .filter(Boolean)
      .map((line) => line.slice(3)),
  };
}
