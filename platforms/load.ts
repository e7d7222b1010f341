import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf, StrataError, UsageError } from '../errors';
import type { Platform } from './schema/define-platform';
import { check, PlatformError } from './schema/problems';
import { FIRST_DISK, type Restore, type Restores, readRestores, restoreFileOf } from './schema/restore';

/** A platform together with what `restore` has decided for its environments. */
export interface LoadedPlatform extends Platform {
  readonly restores: Restores;
}

/** The platform that a command is about unless it names one: `PLATFORM`, or the one in the context of `cdktf.json`. */
export function defaultPlatform(): string {
  return process.env['PLATFORM'] ?? configuredPlatform();
}

const settings = z.object({ context: z.object({ platform: z.string() }) });

/**
 * The platform whose repository this is: the one in the context of `cdktf.json`, whatever the environment says.
 *
 * @throws {PlatformError} if the file cannot be read, or names none.
 */
export function configuredPlatform(file = join(__dirname, '..', 'cdktf.json')): string {
  return check(settings, contentOf(file), 'cdktf.json').context.platform;
}

function contentOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new PlatformError('cdktf.json', [`it cannot be read: ${messageOf(error)}; restore it with git checkout`]);
  }
}

/**
 * Loads the platform described in `platforms/<name>/platform.ts`.
 *
 * @param options.restoreFile - choices of `restore`. @default - see `restoreFileOf`
 * @throws {UsageError} for an unknown platform. {PlatformError} if its description or its restore file is not valid.
 */
export function loadPlatform(name: string, options: { readonly restoreFile?: string } = {}): LoadedPlatform {
  const folders = readdirSync(__dirname).sort();
  const known = folders.filter((folder) => existsSync(join(__dirname, folder, 'platform.ts')));
  if (!known.includes(name)) {
    throw new UsageError(`unknown platform "${name}"; expected one of ${known.join(', ')}`);
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
        'no default export of a platform; write `export default definePlatform({ ... })`',
      ]);
    if (platform.name !== name)
      throw new PlatformError(subject, [`name: got "${platform.name}"; use "${name}", the name of its folder`]);
    return platform;
  } catch (error) {
    if (error instanceof PlatformError && !error.message.startsWith(subject))
      throw new PlatformError(subject, error.problems);
    if (error instanceof StrataError) throw error;
    throw new PlatformError(subject, [
      `could not be evaluated: ${(error as Error)?.message ?? error}; correct the file`,
    ]);
  }
}

/** The boot disk that an environment's VM has now; the first one unless it was restored. */
export function restoreOf({ restores }: LoadedPlatform, env: string): Restore {
  return restores[env] ?? FIRST_DISK;
}
