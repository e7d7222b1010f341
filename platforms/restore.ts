import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { check, PlatformError } from './problems';

const generation = z.int().min(1);

const restoreSchema = z.record(
  z.string(),
  z
    .strictObject({
      /** Counts the boot disks that the VM has had. */
      generation,
      /** Name of the snapshot that the boot disk is made from. @default - its image */
      snapshot: z.string().min(1).optional(),
      /** The earliest disk that may still be there. `restore --finish` deletes it, those up to the present one, and this entry. */
      previous: z.strictObject({ generation }).optional(),
      /** Ids of the disks that the VM has had before: snapshots of these are its own, whatever their labels say. */
      lineage: z.array(z.string()).optional(),
      /** True while the VM is to stay off: neither the watchdog nor the power schedule starts it. A restore does not need it. @default false */
      watchdogPaused: z.boolean().optional(),
    })
    .superRefine(({ generation, snapshot, previous }, context) => {
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
    }),
);

/** What `restore` has decided for one environment: which boot disk the VM has, and where the disk comes from. */
export type Restore = z.output<typeof restoreSchema>[string];

/** The choices of `restore`, by environment. */
export type Restores = Readonly<Record<string, Restore>>;

/** Reads a restore file; one that does not exist means that nothing was ever restored. @throws {PlatformError} */
export function readRestores(file: string): Restores {
  try {
    return check(restoreSchema, JSON.parse(readFileSync(file, 'utf8')), file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    if (error instanceof SyntaxError) throw new PlatformError(file, [`it must be JSON; ${error.message}`]);
    throw error;
  }
}
