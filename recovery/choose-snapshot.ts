import type { Snapshot, SnapshotOwner } from './snapshots';

/** Which snapshot a restore needs. */
export interface Wanted {
  readonly owner: SnapshotOwner;
  /** Ids of all disks that this environment's VM has had, including the current one. */
  readonly lineage: readonly string[];
  /** Name of the snapshot to use. @default - the newest that fits */
  readonly name?: string;
  /** Only snapshots that were created at this time or earlier. @default - any time */
  readonly before?: Date;
  /** Only snapshots made after this layer was applied. @default - any layer */
  readonly layer?: string;
}

/** A snapshot that cannot be used, and why. */
interface Refusal {
  readonly name: string;
  readonly reason: string;
}

/** The chosen snapshot, if any, and those that cannot be used, without those that have another name than the wanted one. */
export interface Choice {
  readonly snapshot: Snapshot | undefined;
  readonly refused: readonly Refusal[];
}

/**
 * Chooses the snapshot to restore from: the newest that is ready, has the owner's labels and was taken of one of the VM's own
 * disks. A label alone proves nothing, since anyone can set it.
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

function whyNot(snapshot: Snapshot, { owner, lineage, layer, before }: Wanted): string | undefined {
  if (layer && snapshot.layer !== layer) return `made after layer ${snapshot.layer || '(none)'}, not ${layer}`;
  if (snapshot.labels['platform'] !== owner.platform || snapshot.labels['environment'] !== owner.environment) {
    return `belongs to ${snapshot.labels['platform'] ?? 'unknown'}-${snapshot.labels['environment'] ?? 'unknown'}`;
  }
  if (snapshot.status !== 'READY') return `is ${snapshot.status}, not READY`;
  if (!lineage.includes(snapshot.sourceDiskId))
    return `was taken of disk ${snapshot.sourceDiskId}, which this VM never had`;
  if (before && snapshot.createdAt > before)
    return `was taken at ${snapshot.createdAt.toISOString()}, after ${before.toISOString()}`;
  return undefined;
}
