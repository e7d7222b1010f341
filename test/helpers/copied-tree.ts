import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { printProblem } from '../../manifests/checks/problem';
import { ROOT } from '../../manifests/checks/sources';
import { Tree } from '../../manifests/scaffold/tree';
import { validate } from '../../manifests/validate';

const copies: string[] = [];
afterAll(() => {
  for (const root of copies) rmSync(root, { recursive: true, force: true });
});

/** A copy of what describes the platforms, to be written into. By `cp`: node takes four times as long for small files. */
export function copiedTree(): Tree {
  const root = mkdtempSync(join(tmpdir(), 'strata-'));
  copies.push(root);
  execFileSync('cp', ['-R', 'k8s', 'platforms', root], { cwd: ROOT });
  return new Tree(root);
}

/**
 * What `validate` finds in a copy. Kustomize builds its overlays.
 *
 * @param env - the only environment that is built. @default - all
 */
export function problemsIn({ root }: Tree, platform: string, env?: string): string[] {
  return validate({ platform, env }, root).map(printProblem);
}
