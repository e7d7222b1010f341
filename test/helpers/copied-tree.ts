import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { problemsOf } from '../../manifests/checks/all';
import { environmentsIn } from '../../manifests/checks/environments';
import { objectsOf } from '../../manifests/checks/render';
import { checkFiles, leaves, ROOT, readTrees } from '../../manifests/checks/sources';
import { Tree } from '../../manifests/scaffold/tree';

/** A copy of what describes the platforms, to be written into. By `cp`: node takes four times as long for small files. */
export function copiedTree(): Tree {
  const root = mkdtempSync(join(tmpdir(), 'strata-'));
  execFileSync('cp', ['-R', 'k8s', 'platforms', root], { cwd: ROOT });
  return new Tree(root);
}

/**
 * What all checks of trees have against a platform in a copy. Kustomize builds its overlays.
 *
 * @param env - the only environment that is built. @default - all
 */
export function problemsIn({ root }: Tree, platform: string, env?: string): string[] {
  const files = readTrees(root);
  const environments = environmentsIn(root).filter((one) => one.platform === platform);
  const known = environments.flatMap(({ overlays }) => overlays.map((one) => `k8s/${platform}/${one}`));
  return [
    ...checkFiles(files).map(({ file, wrong }) => `${file}: ${wrong}`),
    ...leaves(files)
      .filter((one) => one.startsWith(`k8s/${platform}/`) && !known.includes(one))
      .map((one) => `${one}: it belongs to no environment`),
    ...environments
      .filter((one) => one.env === (env ?? one.env))
      .flatMap((environment) => problemsOf(objectsOf(environment), environment)),
  ];
}
