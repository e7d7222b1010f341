import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Platform } from './form';
import { check, PlatformError } from './problems';

const generation = z.int().min(1);

const snapshot = z
  .string()
  .regex(
    /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/,
    'must be the name of a snapshot: up to 63 lowercase letters, digits and hyphens, beginning with a letter',
  );

const zone = z.string().regex(/^[a-z]+-[a-z]+\d+-[a-z]$/, 'must be a zone such as "us-east1-c"');

const restoreSchema = z.record(
  z.string(),
  z
    .strictObject({
      /** Number of the VM's boot disk: 1 for the first, one more after each restore. */
      generation,
      /** Name of the snapshot that the boot disk is created from. @default - none: it is created from the image */
      snapshot: snapshot.optional(),
      /** Zone of the VM, if it was restored into another one than the platform's. @default - `google.zone` */
      zone: zone.optional(),
      /**
       * The earliest boot disk that may still exist, with the snapshot that it was created from and its zone. `restore --finish`
       * deletes it, the later ones up to the current one, and this entry; `restore --abandon` returns to it.
       */
      previous: z.strictObject({ generation, snapshot: snapshot.optional(), zone: zone.optional() }).optional(),
      /**
       * The newest boot disk that `restore --abandon` has left, and its zone. `restore --finish` deletes it, the earlier ones
       * down to the current one, and this entry.
       */
      abandoned: z.strictObject({ generation, zone: zone.optional() }).optional(),
      /**
       * True once `restore --finish` has verified the restored VM; the snapshot may expire after that. Before, the plan fails
       * unless the snapshot exists and is ready. @default false
       */
      finished: z.boolean().optional(),
      /** Ids of the VM's earlier boot disks. Their snapshots belong to this VM, whatever their labels. @default - none */
      lineage: z.array(z.string().regex(/^\d{1,20}$/, 'it must be the id of a disk, a number in quotes')).optional(),
      /**
       * True to keep the VM stopped: neither the watchdog nor the power schedule starts it. A restore does not need it. @default
       * false
       */
      watchdogPaused: z.boolean().optional(),
    })
    .superRefine(({ generation, snapshot, previous, abandoned, finished }, context) => {
      const refuse = (key: string, input: unknown, message: string) =>
        context.addIssue({ code: 'custom', path: [key], input, message });
      if (generation > 1 && !snapshot)
        refuse(
          'snapshot',
          undefined,
          `generation ${generation} is a restored disk; set the snapshot that it was created from`,
        );
      if (previous && previous.generation >= generation)
        refuse('previous', previous, `must be lower than the current generation, ${generation}`);
      if (abandoned && abandoned.generation <= generation)
        refuse('abandoned', abandoned, `must be higher than the current generation, ${generation}`);
      if (abandoned && previous)
        refuse(
          'abandoned',
          abandoned,
          'a restore that was abandoned has no earlier disks; remove `abandoned` or `previous`',
        );
      if (previous && finished)
        refuse('finished', finished, 'a finished restore has no earlier disks; remove `finished` or `previous`');
    }),
);

/** The restore state of an environment: which boot disk the VM has, and what the disk was created from. */
export type Restore = z.output<typeof restoreSchema>[string];

/** The restore state of an environment that was never restored. */
export const FIRST_DISK: Restore = { generation: 1 };

/** The restore state of each environment, by name. */
export type Restores = Readonly<Record<string, Restore>>;

/**
 * The restore file of a platform: `<directory>/<platform>/restore.json`.
 *
 * The directory is `STRATA_RESTORE_DIRECTORY`, `platforms/` by default; a directory outside the checkout is useful for practice.
 */
export function restoreFileOf(platform: string): string {
  return join(process.env['STRATA_RESTORE_DIRECTORY'] ?? __dirname, platform, 'restore.json');
}

/**
 * Reads a restore file. A missing file means that nothing was ever restored.
 *
 * @param platform - the platform; the file may name only its environments on a `k0s-vm`.
 * @throws {PlatformError} if the file is not valid.
 */
export function readRestores(file: string, platform: Pick<Platform, 'environments'>): Restores {
  try {
    const content = JSON.parse(readFileSync(file, 'utf8'));
    const vms = Object.entries(platform.environments).flatMap(([env, { cluster }]) =>
      cluster.kind === 'k0s-vm' ? [env] : [],
    );
    return check(restoreSchema, content, file, () =>
      // JSON.parse creates `__proto__` as an own key, which the schema would drop.
      Object.keys(content ?? {})
        .filter((env) => !vms.includes(env))
        .map((env) => ({
          path: [env],
          input: content[env],
          message: `only environments with cluster kind "k0s-vm" can be restored: ${vms.join(', ') || 'this platform has none'}`,
        })),
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    if (error instanceof SyntaxError) throw new PlatformError(file, [`must be JSON; ${error.message}`]);
    if ((error as NodeJS.ErrnoException).code)
      throw new PlatformError(file, [`could not be read; ${(error as Error).message}`]);
    throw error;
  }
}
