import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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
    const files = changes.map(({ path, before }) => ({ path, change: before === undefined ? 'new' : 'changed' }));
    console.log(JSON.stringify({ dryRun: dryRun ?? false, files, next }, null, 2));
    return;
  }
  if (dryRun) console.log(difference(changes));
  for (const { path, before } of changes)
    console.log(`${dryRun ? 'would write' : 'wrote'} ${path}${before === undefined ? '' : ' (changed)'}`);
  console.log(`\nnext:\n${next.map((line) => `  ${line}`).join('\n')}`);
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
    for (const { path, before, after } of changes) {
      if (before !== undefined) write(`a/${path}`, before);
      write(`b/${path}`, after);
    }
    execFileSync('git', ['diff', '--no-index', '--no-prefix', '--unified=1', 'a', 'b'], { cwd: folder, stdio: 'pipe' });
    return '';
  } catch (error) {
    // git ends with 1 when there are differences.
    return String((error as { stdout?: unknown }).stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
