import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Platform } from './form';
import { check, PlatformError } from './problems';

const generation = z.int().min(1);

const restoreSchema = z.record(
  z.string(),
  z
    .strictObject({
      /** Counts the boot disks that the VM has had. */
      generation,
      /** Name of the snapshot that the boot disk is made from. @default - its image */
      snapshot: z
        .string()
        .regex(
          /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/,
          'it must be the name of a snapshot: up to 63 lowercase letters, digits and hyphens, first a letter',
        )
        .optional(),
      /** The earliest disk that may still be there. `restore --finish` deletes it, those up to the present one, and this entry. */
      previous: z.strictObject({ generation }).optional(),
      /**
       * True once `restore --finish` has seen the restored VM: only then may the snapshot expire. Until then terraform plans
       * nothing unless the snapshot is there and ready. @default false
       */
      finished: z.boolean().optional(),
      /** Ids of the disks that the VM has had before: snapshots of these are its own, whatever their labels say. */
      lineage: z.array(z.string()).optional(),
      /** True while the VM is to stay off: neither the watchdog nor the power schedule starts it. A restore does not need it. @default false */
      watchdogPaused: z.boolean().optional(),
    })
    .superRefine(({ generation, snapshot, previous, finished }, context) => {
      const refuse = (key: string, input: unknown, message: string) =>
        context.addIssue({ code: 'custom', path: [key], input, message });
      if (generation > 1 && !snapshot)
        refuse(
          'snapshot',
          undefined,
          `generation ${generation} is a restored one, so name the snapshot that it comes from`,
        );
      if (previous && previous.generation >= generation)
        refuse('previous', previous, `its generation must be lower than the present one, ${generation}`);
      if (previous && finished)
        refuse(
          'finished',
          finished,
          'a restore is finished when its earlier disks are deleted, so remove one of finished and previous',
        );
    }),
);

/** What `restore` has decided for one environment: which boot disk the VM has, and where the disk comes from. */
export type Restore = z.output<typeof restoreSchema>[string];

/** The choices of `restore`, by environment. */
export type Restores = Readonly<Record<string, Restore>>;

/**
 * The restore file of a platform: `<directory>/<platform>/restore.json`.
 *
 * The directory is `STRATA_RESTORE_DIRECTORY`, such as one outside the checkout to practise in. @default - `platforms/`
 */
export function restoreFileOf(platform: string): string {
  return join(process.env['STRATA_RESTORE_DIRECTORY'] ?? __dirname, platform, 'restore.json');
}

/**
 * Reads a restore file; one that does not exist means that nothing was ever restored.
 *
 * @param platform - whose environments it may name: those with a VM of ours
 * @throws {PlatformError} when it is not valid.
 */
export function readRestores(file: string, platform: Pick<Platform, 'environments'>): Restores {
  try {
    const content = JSON.parse(readFileSync(file, 'utf8'));
    const vms = Object.entries(platform.environments).flatMap(([env, { cluster }]) =>
      cluster.kind === 'k0s-vm' ? [env] : [],
    );
    return check(restoreSchema, content, file, () =>
      // JSON.parse makes `__proto__` an own key, which the schema would drop.
      Object.keys(content ?? {})
        .filter((env) => !vms.includes(env))
        .map((env) => ({
          path: [env],
          input: content[env],
          message: `only environments whose cluster is "k0s-vm" are restored: ${vms.join(', ') || 'this platform has none'}`,
        })),
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    if (error instanceof SyntaxError) throw new PlatformError(file, [`it must be JSON; ${error.message}`]);
    throw error;
  }
}
