import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Restore, Restores } from '../platforms/restore';
import { type Choice, chooseSnapshot } from './choose-snapshot';
import type { Snapshot, SnapshotOwner } from './snapshots';

/** What a restore starts from. */
export interface RestoreRequest {
  readonly owner: SnapshotOwner;
  readonly snapshots: readonly Snapshot[];
  /** Id of the disk that the VM has, or had: output `boot_disk_id` of 00-vpc. Its state outlives the disk. */
  readonly diskId: string;
  /** What earlier restores have decided. */
  readonly present: Restore;
  /** Take this snapshot and no other. @default - the newest that fits */
  readonly name?: string;
  /** Only snapshots made after this layer was applied. @default - any layer */
  readonly layer?: string;
}

/** Nothing can be restored; says why of every snapshot there is. Exit code 3: refused. */
class NoSnapshotError extends Error {
  readonly exitCode = 3;

  constructor(owner: SnapshotOwner, { refused }: Choice) {
    const reasons = refused.map(({ name, reason }) => `\n  ${name} ${reason}`).join('');
    super(
      `there is no snapshot to restore ${owner.platform} ${owner.environment} from${reasons || '\n  none carries its labels'}\n` +
        'list them with: npm run snapshot -- list',
    );
  }
}

/**
 * Decides on the snapshot and the next generation of the boot disk. Changes nothing.
 *
 * @throws {NoSnapshotError} when no snapshot fits.
 */
export function planRestore(request: RestoreRequest): { readonly snapshot: Snapshot; readonly restore: Restore } {
  const { owner, present, diskId, name, layer } = request;
  const lineage = [...new Set([diskId, ...(present.lineage ?? [])])];
  const choice = chooseSnapshot(request.snapshots, { owner, lineage, name, layer });
  if (!choice.snapshot) throw new NoSnapshotError(owner, choice);
  return {
    snapshot: choice.snapshot,
    restore: {
      generation: present.generation + 1,
      snapshot: choice.snapshot.name,
      previous: { generation: present.generation },
      lineage,
    },
  };
}

/** Writes the decision to the platform's restore file, the other environments' left as they are. */
export function writeRestore(file: string, restores: Restores, env: string, restore: Restore): void {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.tmp`;
  writeFileSync(temporary, `${JSON.stringify({ ...restores, [env]: restore }, null, 2)}\n`);
  renameSync(temporary, file);
}
