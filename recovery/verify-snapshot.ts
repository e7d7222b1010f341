import type { Snapshot, SnapshotOwner } from './snapshots';

/** What a snapshot must be. Fields that are not given are not compared. */
export interface Expected {
  readonly owner: SnapshotOwner;
  /** Ids of the disks that it may be of. */
  readonly lineage: readonly string[];
  /** Region that it has to be stored in. */
  readonly region: string;
  /** Size of its disk. @default - not compared, since a disk may have grown */
  readonly sizeGb?: number;
  /** Its layer. @default - any */
  readonly layer?: string;
}

/** What is wrong with a snapshot; nothing if a restore can use it. */
export function problemsOf(snapshot: Snapshot, { owner, lineage, region, sizeGb, layer }: Expected): string[] {
  const labels: [string, string | undefined][] = [
    ['platform', owner.platform],
    ['environment', owner.environment],
    ['layer', layer],
  ];
  return [
    ...(snapshot.status === 'READY' ? [] : [`is ${snapshot.status}, not READY`]),
    ...(lineage.includes(snapshot.sourceDiskId)
      ? []
      : [`is of disk ${snapshot.sourceDiskId || 'unknown'}, not ${lineage.join(' or ') || 'one of this VM'}`]),
    ...(sizeGb === undefined || snapshot.sizeGb === sizeGb ? [] : [`has ${snapshot.sizeGb} GB, its disk ${sizeGb} GB`]),
    ...labels.flatMap(([name, value]) =>
      value === undefined || snapshot.labels[name] === value
        ? []
        : [`has label ${name} ${snapshot.labels[name] ?? '(none)'}, not ${value}`],
    ),
    ...(snapshot.locations && !snapshot.locations.includes(region)
      ? [`is stored in ${snapshot.locations.join(', ')}, not in ${region}`]
      : []),
  ];
}
