import { UsageError } from '../../errors';
import { runGit } from './process';
import type { Signature } from './ref-store';

/** Who commits on this machine, as git knows them. @throws {UsageError} when git does not know */
export async function authorOf(cwd: string): Promise<Signature> {
  const { stdout } = await runGit(['-c', 'user.useConfigOnly=true', 'var', 'GIT_AUTHOR_IDENT'], cwd);
  const [, name, email] = /^(.+) <(.+)> \d+ [+-]\d+$/m.exec(stdout) ?? [];
  if (name && email) return { name, email };
  throw new UsageError('git does not know who you are; set user.name and user.email with git config --global');
}
