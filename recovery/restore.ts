import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { reading } from '../clients/reading';
import { RefusedError } from '../errors';
import type { Identity } from '../platforms/schema/identity';
import type { Restore, Restores } from '../platforms/schema/restore';
import { type Choice, chooseSnapshot } from './choose-snapshot';
import { type IdentityRecord, identityDifferences, layersSince } from './identity-record';
import type { Snapshot, SnapshotOwner } from './snapshots';

/** What a restore starts from. */
export interface RestoreRequest {
  readonly owner: SnapshotOwner;
  readonly snapshots: readonly Snapshot[];
  /** Id of the disk that the VM has, or had: output `boot_disk_id` of 00-vpc. Its state outlives the disk. */
  readonly diskId: string;
  /** Who the VM will be. */
  readonly identity: Identity;
  /** Serial numbers of the states of its layers, by stack id. */
  readonly serials: IdentityRecord['serials'];
  /** What earlier restores have decided. */
  readonly present: Restore;
  /** Take this snapshot and no other. @default - the newest that fits */
  readonly name?: string;
  /** Only snapshots made after this layer was applied. @default - any layer */
  readonly layer?: string;
}

/** No snapshot can be restored. The message gives the reason for each one. */
class NoSnapshotError extends RefusedError {
  constructor({ owner, name, snapshots }: RestoreRequest, { refused }: Choice) {
    const reasons = refused.map(({ name, reason }) => `\n  ${name} ${reason}`).join('');
    const none = snapshots.length === 0 ? 'none carries its labels' : `none is called ${name}`;
    super(
      `there is no snapshot to restore ${owner.platform} ${owner.environment} from${reasons || `\n  ${none}`}\n` +
        `list them with: npm run snapshot -- list --platform ${owner.platform} --env ${owner.environment}`,
    );
  }
}

/** The restored VM would not have, or does not have, the identity of the VM that was lost. */
class IdentityError extends RefusedError {
  constructor(what: string, differences: readonly string[], next: string) {
    super(`${what}:${differences.map((line) => `\n  ${line}`).join('')}\n${next}`);
  }
}

/** The decision of a restore. */
interface RestorePlan {
  readonly snapshot: Snapshot;
  readonly restore: Restore;
  /** What differs between the snapshot and today and does not keep it from being restored. */
  readonly notes: readonly string[];
}

/**
 * Decides on the snapshot and the next generation of the boot disk. Changes nothing.
 *
 * @throws {NoSnapshotError} when no snapshot fits.
 * @throws {IdentityError} when the snapshot's record is of another VM than the one that would be made.
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
      `snapshot ${choice.snapshot.name} is of a VM that this platform would not make again`,
      differences,
      `set what differs back in platforms/${owner.platform}/platform.ts, restore, and change it afterwards; or choose another by --snapshot`,
    );
  }
  return {
    snapshot: choice.snapshot,
    notes: record
      ? layersSince(record, request.serials)
      : ['it carries no record of its VM, as those of the daily schedule: address, names and layers are not compared'],
    restore: {
      ...present,
      generation: present.generation + 1,
      snapshot: choice.snapshot.name,
      // The earliest disk that may still be there: restores that were not finished have left theirs too.
      previous: present.previous ?? { generation: present.generation },
      finished: undefined,
      lineage,
    },
  };
}

/**
 * Succeeds when the guest of a restored VM answers with the node that its volumes and its clients know: only then may the
 * disks that it had before be deleted.
 *
 * @param guest - asks the guest's cluster.
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
    `${disks.length > 1 ? 'disks' : 'disk'} ${disks.join(', ')} ${disks.length > 1 ? 'are' : 'is'} kept: the restored VM has not proved itself`,
    differences,
    `look at it, and finish where its cluster answers: npm run tunnel -- ${env} npm run restore -- --env ${env} --finish`,
  );
}

/** Writes the decision to the platform's restore file, the other environments' left as they are. */
export function writeRestore(file: string, restores: Restores, env: string, restore: Restore): void {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.tmp`;
  writeFileSync(temporary, `${JSON.stringify({ ...restores, [env]: restore }, null, 2)}\n`);
  renameSync(temporary, file);
}
