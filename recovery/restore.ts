import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { reading } from '../clients/reading';
import { RefusedError } from '../errors';
import type { Identity } from '../platforms/schema/identity';
import type { Restore, Restores } from '../platforms/schema/restore';
import { identityDifferences } from './identity-record';

/** The restored VM does not have the identity of the lost VM. */
class IdentityError extends RefusedError {
  constructor(what: string, differences: readonly string[], next: string) {
    super(`${what}:${differences.map((line) => `\n  ${line}`).join('')}\n${next}`);
  }
}

/**
 * Succeeds if the cluster on a restored VM has the node of the lost one, to which volumes are bound. Only then can the earlier
 * disks be deleted.
 *
 * @param guest - reads the identity from the cluster on the VM.
 * @throws {IdentityError}
 */
export async function assertProved(
  { env, disks, identity }: { readonly env: string; readonly disks: readonly string[]; readonly identity: Identity },
  guest: () => Promise<Partial<Identity>>,
): Promise<void> {
  const found = await reading(guest);
  const differences = 'problem' in found ? [found.problem] : identityDifferences(identity, found.value);
  if (differences.length === 0) return;
  throw new IdentityError(
    `${disks.length > 1 ? 'disks' : 'disk'} ${disks.join(', ')} ${disks.length > 1 ? 'were' : 'was'} not deleted: the restored VM failed its identity check`,
    differences,
    `check the VM, and finish the restore through a tunnel: npm run tunnel -- ${env} npm run restore -- --env ${env} --finish`,
  );
}

/** A boot disk that no VM uses any more. */
export interface LeftDisk {
  readonly generation: number;
  /** The zones that it may be in: the platform's, and those of restores. */
  readonly zones: readonly string[];
}

/**
 * The disks that restores have left: the earlier generations, or after `--abandon` the later ones.
 *
 * @param homeZone - the zone of the platform.
 */
export function leftDisks({ generation, previous, abandoned, zone }: Restore, homeZone: string): LeftDisk[] {
  const zones = [...new Set([homeZone, zone, previous?.zone, abandoned?.zone].filter((one) => one !== undefined))];
  const [first, end] = previous
    ? [previous.generation, generation]
    : [generation + 1, (abandoned?.generation ?? 0) + 1];
  return Array.from({ length: Math.max(0, end - first) }, (_, index) => ({ generation: first + index, zones }));
}

/**
 * The way back to the disk before a restore that is not finished. The disk that the restore has created leaves the state.
 *
 * @throws {RefusedError} if there is no earlier disk.
 */
export function abandonRestore(present: Restore, env: string): Restore {
  const { previous, generation, zone } = present;
  if (!previous)
    throw new RefusedError(
      `nothing to abandon: restore.json lists no earlier disk of ${env}; restore from a snapshot with --from`,
    );
  return {
    ...present,
    generation: previous.generation,
    snapshot: previous.snapshot,
    zone: previous.zone,
    previous: undefined,
    abandoned: { generation, ...(zone && { zone }) },
    // The disk exists: its snapshot is no longer needed.
    finished: previous.snapshot ? true : undefined,
  };
}

/** Writes the plan to the platform's restore file, without changing other environments. */
export function writeRestore(file: string, restores: Restores, env: string, restore: Restore): void {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.tmp`;
  writeFileSync(temporary, `${JSON.stringify({ ...restores, [env]: restore }, null, 2)}\n`);
  renameSync(temporary, file);
}
