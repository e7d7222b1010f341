import { UsageError } from '../../errors';
import { runGit } from './process';
import type { Signature } from './ref-store';

/** The author of commits on this machine, from git's configuration. @throws {UsageError} if it is not configured */
export async function authorOf(cwd: string): Promise<Signature> {
  const { stdout } = await runGit(['-c', 'user.useConfigOnly=true', 'var', 'GIT_AUTHOR_IDENT'], cwd);
  const [, name, email] = /^(.+) <(.+)> \d+ [+-]\d+$/m.exec(stdout) ?? [];
  if (name && email) return { name, email };
  throw new UsageError('git has no user.name or user.email; set them with git config --global');
}
