import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { withWorktree } from '../../delivery/git/worktree';
import { environmentsOf } from '../../manifests/checks/environments';
import { parse, render } from '../../manifests/checks/render';
import type { GuardInput, ManifestObject } from '../../terraform/guards/guard';

/** The overlays of an environment as a base commit renders them, and as this checkout does. */
export function overlaysSince(base: string, platform: string, env: string): Promise<GuardInput['overlays']> {
  return withWorktree('.', base, async (folder) => overlaysBetween(folder, platform, env));
}

/** The same for a base that is checked out. */
export function overlaysBetween(base: string, platform: string, env: string): GuardInput['overlays'] {
  const paths = new Set([...overlaysOf(base, platform, env), ...overlaysOf('.', platform, env)]);
  return [...paths].map((path) => ({ path, before: objectsIn(base, path), after: objectsIn('.', path) }));
}

function overlaysOf(root: string, platform: string, env: string): string[] {
  if (!existsSync(join(root, 'platforms', platform, 'platform.ts'))) return [];
  return environmentsOf(root, platform)
    .filter((environment) => environment.env === env)
    .flatMap(({ overlays }) => overlays.map((overlay) => `k8s/${platform}/${overlay}`));
}

function objectsIn(root: string, path: string): ManifestObject[] {
  return existsSync(join(root, path, 'kustomization.yaml')) ? parse(render(path, root)) : [];
}
