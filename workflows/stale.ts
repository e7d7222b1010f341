import type { Tree } from '../manifests/scaffold/tree';
import type { Platform } from '../platforms/schema/define-platform';
import { WORKFLOWS } from './callers/service';
import { workflowFiles } from './generate';
import { renovateFile } from './renovate';

/** A file that is not as described. */
export interface StaleWorkflow {
  readonly path: string;
  readonly why: string;
  /** What it should hold. @default - nothing: it should not exist */
  readonly text?: string;
}

/**
 * The workflow files of a tree that differ from what platforms describe, sorted by path. A file in their folders that nothing describes
 * is stale too: it would remain outdated unnoticed.
 *
 * @param defaultPlatform - name of the platform whose repository this is.
 */
export function staleWorkflows(tree: Tree, platforms: readonly Platform[], defaultPlatform: string): StaleWorkflow[] {
  return platforms
    .flatMap((platform): StaleWorkflow[] => {
      const isDefault = platform.name === defaultPlatform;
      const renovate = renovateFile(platform, isDefault);
      const described = new Map([...workflowFiles(platform, isDefault), ...(renovate ? [renovate] : [])]);
      const folders = [`platforms/${platform.name}/workflows`, ...(isDefault ? [WORKFLOWS] : [])];
      const existing = folders.flatMap((folder) => tree.files(folder));
      return [
        ...[...described].flatMap(([path, text]) => {
          if (!tree.has(path)) return [{ path, text, why: 'it does not exist' }];
          return tree.read(path) === text
            ? []
            : [{ path, text, why: `it differs from what ${platform.name} describes` }];
        }),
        ...existing
          .filter((path) => !described.has(path))
          .map((path) => ({ path, why: `nothing in ${platform.name} describes it` })),
      ];
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}
