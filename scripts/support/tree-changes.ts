import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { FailedError } from '../../errors';
import type { Tree } from '../../manifests/scaffold/tree';

/** Options of a command that writes to the tree. */
export interface ChangeOptions {
  readonly dryRun?: true;
  readonly json?: true;
}

/** Saves the changes of a tree, except in a dry run, and prints them and the next steps. */
export function finish(tree: Tree, next: readonly string[], { dryRun, json }: ChangeOptions): void {
  const changes = tree.changes();
  if (!dryRun) tree.save();
  if (json) {
    const files = changes.map((change) => ({ path: change.path, change: kindOf(change) }));
    console.log(JSON.stringify({ dryRun: dryRun ?? false, files, next }, null, 2));
    return;
  }
  if (dryRun) console.log(difference(changes));
  for (const change of changes) {
    const kind = kindOf(change);
    const done = kind === 'deleted' ? ['would delete', 'deleted'] : ['would write', 'wrote'];
    console.log(`${done[dryRun ? 0 : 1]} ${change.path}${kind === 'changed' ? ' (changed)' : ''}`);
  }
  console.log(`\nnext:\n${next.map((line) => `  ${line}`).join('\n')}`);
}

function kindOf({ before, after }: ReturnType<Tree['changes']>[number]): 'new' | 'changed' | 'deleted' {
  if (after === undefined) return 'deleted';
  return before === undefined ? 'new' : 'changed';
}

/** The changes as a diff of git. */
function difference(changes: ReturnType<Tree['changes']>): string {
  const folder = mkdtempSync(join(tmpdir(), 'strata-'));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  try {
    mkdirSync(join(folder, 'a'));
    mkdirSync(join(folder, 'b'));
    for (const { path, before, after } of changes) {
      if (before !== undefined) write(`a/${path}`, before);
      if (after !== undefined) write(`b/${path}`, after);
    }
    execFileSync('git', ['diff', '--no-index', '--no-prefix', '--unified=1', 'a', 'b'], { cwd: folder, stdio: 'pipe' });
    return '';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new FailedError('git is not installed, or not on PATH; --dry-run shows differences with it');
    // git ends with 1 when there are differences.
    return String((error as { stdout?: unknown }).stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
