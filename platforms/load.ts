import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Platform } from './schema/define-platform';
import { PlatformError } from './schema/problems';
import { type Restore, type Restores, readRestores, restoreFileOf } from './schema/restore';

/** A platform together with what `restore` has decided for its environments. */
export interface LoadedPlatform extends Platform {
  readonly restores: Restores;
}

/**
 * Loads the platform described in `platforms/<name>/platform.ts`.
 *
 * @param options.restoreFile - choices of `restore`. @default - see `restoreFileOf`
 * @throws {PlatformError} when there is no such platform, or when it or its restore file is not valid.
 */
export function loadPlatform(name: string, options: { readonly restoreFile?: string } = {}): LoadedPlatform {
  const folders = readdirSync(__dirname).sort();
  const known = folders.filter((folder) => existsSync(join(__dirname, folder, 'platform.ts')));
  if (!known.includes(name)) {
    throw new PlatformError(`platform "${name}"`, [`there is none of that name; known are ${known.join(', ')}`]);
  }
  const { default: platform } = require(join(__dirname, name, 'platform')) as { default: Platform };
  const restores = readRestores(options.restoreFile ?? restoreFileOf(name), platform);
  return { ...platform, restores };
}

/** The boot disk that an environment's VM has now; the first one unless it was restored. */
export function restoreOf({ restores }: LoadedPlatform, env: string): Restore {
  return restores[env] ?? { generation: 1 };
}
