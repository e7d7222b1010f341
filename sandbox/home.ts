import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GitRemotes } from './git/remotes';

/** What the commands find under their HOME: the configuration of Git, and a prompt that shows the sandbox. */
export function writeHome(home: string, remotes: GitRemotes): void {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const identity = '[user]\n\tname = sandbox\n\temail = sandbox@localhost\n[init]\n\tdefaultBranch = main\n';
  writeFileSync(join(home, '.gitconfig'), identity + remotes.gitConfig());
  writeFileSync(join(home, '.bashrc'), "PS1='(sandbox) \\w \\$ '\n");
  writeFileSync(join(home, '.zshrc'), "PROMPT='(sandbox) %~ %# '\n");
}
