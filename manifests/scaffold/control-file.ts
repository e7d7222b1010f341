import { isPair, type Pair, parseDocument, type YAMLMap } from 'yaml';
import type { Tree } from './tree';

/** Adds an environment to a platform's `deploy-control.yaml`, as a copy of another one. Comments and order stay. */
export function addEnvironment(tree: Tree, platform: string, name: string, like: string): void {
  edit(tree, platform, (environments) => copy(environments, like, name));
}

/** Adds a service to every environment of a platform's `deploy-control.yaml`, as a copy of another one, next to it. */
export function addService(tree: Tree, platform: string, name: string, like: string): void {
  edit(tree, platform, (environments) => {
    for (const { value } of environments.items) copy(value?.get('services') as Entries, like, name);
  });
}

type Entries = YAMLMap<{ readonly value: string }, YAMLMap>;

function edit(tree: Tree, platform: string, change: (environments: Entries) => void): void {
  tree.edit(`platforms/${platform}/deploy-control.yaml`, (text) => {
    const document = parseDocument(text);
    change(document.get('environments') as unknown as Entries);
    return document.toString({ lineWidth: 0, flowCollectionPadding: false });
  });
}

function copy({ items }: Entries, like: string, name: string): void {
  const index = items.findIndex(({ key }) => key.value === like);
  const pair = items[index]?.clone() as Pair<{ value: string }, YAMLMap>;
  if (!isPair(pair)) throw new Error(`there is no "${like}" to copy`);
  pair.key.value = name;
  items.splice(index + 1, 0, pair as never);
}
