import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { StrataError } from '../errors';
import type { Platform } from './schema/define-platform';
import { PlatformError } from './schema/problems';
import { FIRST_DISK, type Restore, type Restores, readRestores, restoreFileOf } from './schema/restore';

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
  const platform = described(name);
  const restores = readRestores(options.restoreFile ?? restoreFileOf(name), platform);
  return { ...platform, restores };
}

/** The default export of a platform's file. */
function described(name: string): Platform {
  const subject = `platforms/${name}/platform.ts`;
  try {
    const { default: platform } = require(join(__dirname, name, 'platform')) as { default?: Platform };
    if (!platform?.environments)
      throw new PlatformError(subject, [
        'got no default export of a platform; write `export default definePlatform({ ... })`',
      ]);
    if (platform.name !== name)
      throw new PlatformError(subject, [`name: got "${platform.name}"; use "${name}", the name of its folder`]);
    return platform;
  } catch (error) {
    if (error instanceof StrataError) throw error;
    throw new PlatformError(subject, [
      `it could not be evaluated: ${(error as Error)?.message ?? error}; correct the file`,
    ]);
  }
}

/** The boot disk that an environment's VM has now; the first one unless it was restored. */
export function restoreOf({ restores }: LoadedPlatform, env: string): Restore {
  return restores[env] ?? FIRST_DISK;
}
