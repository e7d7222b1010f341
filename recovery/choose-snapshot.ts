import type { Snapshot, SnapshotOwner } from './snapshots';

/** What a restore asks of a snapshot. */
export interface Wanted {
  readonly owner: SnapshotOwner;
  /** Ids of the disks that this environment's VM has had, the present one included. */
  readonly lineage: readonly string[];
  /** Take this one and no other. @default - the newest that fits */
  readonly name?: string;
  /** Only snapshots made after this layer was applied. @default - any layer */
  readonly layer?: string;
}

/** A snapshot that was passed over, and why. */
interface Refusal {
  readonly name: string;
  readonly reason: string;
}

/** The answer: the snapshot, or none, and every one that was passed over, unless another was asked for by name. */
export interface Choice {
  readonly snapshot: Snapshot | undefined;
  readonly refused: readonly Refusal[];
}

/**
 * Chooses the snapshot to restore from: the newest that is ready, carries the owner's labels and was taken of a disk in
 * the VM's own lineage. A label alone proves nothing: anybody may set it.
 */
export function chooseSnapshot(snapshots: readonly Snapshot[], wanted: Wanted): Choice {
  const refused: Refusal[] = [];
  const fitting = snapshots.filter((snapshot) => {
    if (wanted.name && snapshot.name !== wanted.name) return false;
    const reason = whyNot(snapshot, wanted);
    if (reason) refused.push({ name: snapshot.name, reason });
    return !reason;
  });
  const [newest] = fitting.sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
  return { snapshot: newest, refused };
}

function whyNot(snapshot: Snapshot, { owner, lineage, layer }: Wanted): string | undefined {
  if (layer && snapshot.layer !== layer) return `made after layer ${snapshot.layer || '(none)'}, not ${layer}`;
  if (snapshot.labels['platform'] !== owner.platform || snapshot.labels['environment'] !== owner.environment) {
    return `belongs to ${snapshot.labels['platform'] ?? 'nobody'}-${snapshot.labels['environment'] ?? 'unknown'}`;
  }
  if (snapshot.status !== 'READY') return `is ${snapshot.status}, not READY`;
  if (!lineage.includes(snapshot.sourceDiskId))
    return `was taken of disk ${snapshot.sourceDiskId}, which this VM never had`;
  return undefined;
}
