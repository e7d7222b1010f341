import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { storageClassOf } from '../../platforms/schema/cluster';
import { environmentOf } from '../../platforms/schema/define-platform';
import type { Platform } from '../../platforms/schema/form';
import type { TreeReader } from '../../platforms/schema/trees';
import { platformFrom, sourceOf, treesFrom } from '../description';
import type { Environment } from './problem';

/** Names of the platforms that a tree has, sorted. */
export function platformsIn(root: string): string[] {
  return foldersIn(join(root, 'platforms')).filter((name) => existsSync(join(root, sourceOf(name))));
}

/** Every deployment of a platform: one or more for each environment. @throws {UsageError} when it is not valid. */
export function environmentsOf(root: string, name: string): Environment[] {
  const description = platformFrom(name, readFileSync(join(root, sourceOf(name)), 'utf8'));
  const trees = treesFrom(root, name);
  return Object.keys(description.environments).flatMap((env) =>
    trees.deployments(description, env, readerOf(root, description)).map((deployment) => ({
      ...deployment,
      root,
      platform: name,
      env,
      description,
      storageClasses: [storageClassOf(environmentOf(description, env).cluster)],
    })),
  );
}

/** Every deployment of every platform of a tree. @throws {UsageError} when a platform is not valid. */
export function environmentsIn(root: string): Environment[] {
  return platformsIn(root).flatMap((name) => environmentsOf(root, name));
}

/** Reads the tree of a platform. */
export function readerOf(root: string, { name }: Pick<Platform, 'name'>): TreeReader {
  const at = (path: string) => join(root, 'k8s', name, path);
  return { folders: (path) => foldersIn(at(path)), read: (path) => readFileSync(at(path), 'utf8') };
}

function foldersIn(path: string): string[] {
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
    .sort();
}
