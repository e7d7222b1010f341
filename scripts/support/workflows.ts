import { platformFrom, sourceOf } from '../../manifests/description';
import type { Tree } from '../../manifests/scaffold/tree';
import { configuredPlatform } from '../../platforms/load';
import { type StaleWorkflow, staleWorkflows } from '../../workflows/stale';

/** The workflows of some platforms that differ from what the tree describes. */
export function staleIn(tree: Tree, names: readonly string[]): StaleWorkflow[] {
  const platforms = names.map((name) => platformFrom(name, tree.read(sourceOf(name))));
  return staleWorkflows(tree, platforms, configuredPlatform());
}

/** Makes the workflows of some platforms follow what the tree describes. */
export function writeWorkflows(tree: Tree, names: readonly string[]): void {
  for (const { path, text } of staleIn(tree, names)) {
    if (text === undefined) tree.remove(path);
    else tree.write(path, text);
  }
}
