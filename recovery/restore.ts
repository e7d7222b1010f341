import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { reading } from '../clients/reading';
import { RefusedError } from '../errors';
import type { Identity } from '../platforms/schema/identity';
import type { Restore, Restores } from '../platforms/schema/restore';
import { type Choice, chooseSnapshot } from './choose-snapshot';
import { type IdentityRecord, identityDifferences, layersSince } from './identity-record';
import type { Snapshot, SnapshotOwner } from './snapshots';

/** Input of a restore. */
export interface RestoreRequest {
  readonly owner: SnapshotOwner;
  readonly snapshots: readonly Snapshot[];
  /** Id of the VM's current or lost disk: output `boot_disk_id` of 00-vpc, whose state survives the disk. */
  readonly diskId: string;
  /** The identity of the restored VM. */
  readonly identity: Identity;
  /** Serial numbers of the states of its layers, by stack id. */
  readonly serials: IdentityRecord['serials'];
  /** The result of earlier restores. */
  readonly present: Restore;
  /** Name of the snapshot to use. @default - the newest that fits */
  readonly name?: string;
  /** Only snapshots made after this layer was applied. @default - any layer */
  readonly layer?: string;
}

/** No snapshot can be restored. The message gives the reason for each one. */
class NoSnapshotError extends RefusedError {
  constructor({ owner, name, snapshots }: RestoreRequest, { refused }: Choice) {
    const reasons = refused.map(({ name, reason }) => `\n  ${name} ${reason}`).join('');
    const none = snapshots.length === 0 ? 'none has its labels' : `none has the name ${name}`;
    super(
      `no snapshot to restore ${owner.platform} ${owner.environment} from${reasons || `\n  ${none}`}\n` +
        `list them with: npm run snapshot -- list --platform ${owner.platform} --env ${owner.environment}`,
    );
  }
}

/** The restored VM does not have, or would not have, the identity of the lost VM. */
class IdentityError extends RefusedError {
  constructor(what: string, differences: readonly string[], next: string) {
    super(`${what}:${differences.map((line) => `\n  ${line}`).join('')}\n${next}`);
  }
}

/** The plan of a restore. */
interface RestorePlan {
  readonly snapshot: Snapshot;
  readonly restore: Restore;
  /** Differences between the snapshot and the present that do not prevent the restore. */
  readonly notes: readonly string[];
}

/**
 * Chooses the snapshot and the next generation of the boot disk. Changes nothing.
 *
 * @throws {NoSnapshotError} when no snapshot fits.
 * @throws {IdentityError} if the snapshot's record has another identity than the VM that would be created.
 */
export function planRestore(request: RestoreRequest): RestorePlan {
  const { owner, present, diskId, name, layer } = request;
  const lineage = [...new Set([diskId, ...(present.lineage ?? [])])];
  const choice = chooseSnapshot(request.snapshots, { owner, lineage, name, layer });
  if (!choice.snapshot) throw new NoSnapshotError(request, choice);
  const { record } = choice.snapshot;
  const differences = record ? identityDifferences(request.identity, record) : [];
  if (differences.length > 0) {
    throw new IdentityError(
      `snapshot ${choice.snapshot.name} is of a VM with another identity than this platform would create`,
      differences,
      `undo these changes in platforms/${owner.platform}/platform.ts, restore, and make them again afterwards; or choose another snapshot with --snapshot`,
    );
  }
  return {
    snapshot: choice.snapshot,
    notes: record
      ? layersSince(record, request.serials)
      : ['it has no record of its VM, like all scheduled snapshots: address, names and layers were not compared'],
    restore: {
      ...present,
      generation: present.generation + 1,
      snapshot: choice.snapshot.name,
      // The earliest disk that may still exist: unfinished restores have left theirs.
      previous: present.previous ?? { generation: present.generation },
      finished: undefined,
      lineage,
    },
  };
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

/** Writes the plan to the platform's restore file, without changing other environments. */
export function writeRestore(file: string, restores: Restores, env: string, restore: Restore): void {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.tmp`;
  writeFileSync(temporary, `${JSON.stringify({ ...restores, [env]: restore }, null, 2)}\n`);
  renameSync(temporary, file);
}
