import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageError } from '../../errors';
import { platformFrom, sourceOf } from '../../manifests/description';
import type { Side } from './layers';

/** Variables that a synthesis needs. Nothing else of the environment reaches the code of another commit. */
const PASSED = ['PATH', 'HOME', 'TMPDIR', 'LANG'];

/**
 * One side of a change rehearsal out of a checkout of another commit: its description, its trees, and its own code to synthesise
 * with, which runs with the packages of that commit's lock file.
 *
 * @param folder - the checkout.
 * @throws {UsageError} if it does not describe the platform.
 */
export function sideFrom(folder: string, platform: string): Side {
  const file = join(folder, sourceOf(platform));
  if (!existsSync(file))
    throw new UsageError(`the base has no ${sourceOf(platform)}; nothing runs that could be changed`);
  bringPackages(folder);
  return {
    platform: { ...platformFrom(platform, readFileSync(file, 'utf8')), restores: {} },
    tree: folder,
    synthesise: ({ name }, root) => {
      const passed = PASSED.flatMap((key) => (process.env[key] === undefined ? [] : [[key, process.env[key]]]));
      const env = {
        ...Object.fromEntries(passed),
        PLATFORM: name,
        CDKTF_OUTDIR: resolve(root),
        // The restores of the rehearsal, which never are those of the checkout.
        STRATA_RESTORE_DIRECTORY: resolve(root, '../restores'),
      };
      execFileSync(process.execPath, ['-r', './register.cjs', 'main.ts'], { cwd: folder, env, stdio: 'pipe' });
      return join(resolve(root), name);
    },
  };
}

/** This checkout's packages where the lock file is the same; those of the other lock file are installed without their scripts. */
function bringPackages(folder: string): void {
  const [theirs, ours] = [folder, '.'].map((root) => readFileSync(join(root, 'package-lock.json'), 'utf8'));
  if (theirs === ours) symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  else execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'pipe' });
}
