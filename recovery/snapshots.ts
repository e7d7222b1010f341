import type { compute_v1 } from '@googleapis/compute';
import { ended } from '../clients/compute-operation';
import { cloudTime, type GoogleClients, httpStatus } from '../clients/google';
import type { Platform } from '../platforms/schema/define-platform';
import { projectOf, zoneOf } from '../platforms/schema/environment';
import { describeSnapshot, type IdentityRecord, recordIn } from './identity-record';

const DAY_MS = 24 * 3600_000;

/** A snapshot, with the fields that recovery needs. */
export interface Snapshot {
  readonly name: string;
  readonly layer: string;
  readonly status: string;
  /** Time of its creation. */
  readonly createdAt: Date;
  /** Numeric id of its source disk. Unlike names, ids are never reused. */
  readonly sourceDiskId: string;
  readonly sizeGb: number;
  /** `X86_64` or `ARM64`. @default - Google does not know it */
  readonly architecture?: string;
  /** Regions or multi-regions that it is stored in. @default - not read */
  readonly locations?: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Identity of the VM. @default - unknown, since the snapshot was made by a schedule or by hand */
  readonly record?: IdentityRecord;
}

/** The owner of snapshots: each has these labels. */
export interface SnapshotOwner {
  readonly platform: string;
  readonly environment: string;
}

/** How a snapshot is created. */
export interface MakeOptions {
  /** Lets the guest's scripts flush and freeze its data before. @default false: as after a power failure */
  readonly guestFlush?: boolean;
  /** False to return once Google has begun. @default true */
  readonly wait?: boolean;
  /** Called with percents while it waits. */
  readonly onProgress?: (percent: number) => void;
}

/** The snapshots of an environment's VM. */
export function snapshotsOf({ compute }: Pick<GoogleClients, 'compute'>, platform: Platform, env: string): Snapshots {
  const owner = { platform: platform.name, environment: env };
  return new Snapshots(compute, projectOf(platform), zoneOf(platform, env), owner);
}

/** The snapshots of one environment's VM, in Compute Engine. */
export class Snapshots {
  constructor(
    private readonly compute: compute_v1.Compute,
    private readonly project: string,
    private readonly zone: string,
    private readonly owner: SnapshotOwner,
  ) {}

  /**
   * Creates a snapshot of a disk, with the record of its VM, and waits until it is ready. Returns it.
   *
   * It is stored in the region of the disk: by default, Google uses the nearest multi-region, which costs more and may be in
   * another country. It does not expire automatically, see `expired`.
   */
  async make(
    name: string,
    disk: string,
    layer: string,
    record: IdentityRecord,
    { guestFlush = false, wait = true, onProgress }: MakeOptions = {},
  ): Promise<Snapshot> {
    const { data: operation } = await this.compute.disks.createSnapshot({
      project: this.project,
      zone: this.zone,
      disk,
      ...(guestFlush && { guestFlush }),
      requestBody: {
        name,
        description: describeSnapshot(layer, record),
        labels: { layer, platform: this.owner.platform, environment: this.owner.environment },
        storageLocations: [this.zone.replace(/-[a-z]$/, '')],
      },
    });
    if (wait) await this.done(operation, onProgress);
    const made = await this.get(name);
    if (wait && made.status !== 'READY') throw new Error(`snapshot ${name} is ${made.status}, not READY`);
    return made;
  }

  /** The snapshot with a name. @throws if there is none. */
  async get(name: string): Promise<Snapshot> {
    return toSnapshot((await this.compute.snapshots.get({ project: this.project, snapshot: name })).data);
  }

  /** A disk, or undefined if it does not exist. `source` is the snapshot that it was created from. */
  async disk(
    name: string,
  ): Promise<{ readonly id: string; readonly sizeGb: number; readonly source?: string } | undefined> {
    try {
      const { data } = await this.compute.disks.get({ project: this.project, zone: this.zone, disk: name });
      const source = data.sourceSnapshot?.split('/').at(-1);
      return { id: data.id ?? '', sizeGb: Number(data.sizeGb ?? 0), ...(source && { source }) };
    } catch (error) {
      if (httpStatus(error) === 404) return undefined;
      throw error;
    }
  }

  /** The time of the cloud's clock, which dates snapshots, to name them and to compute their age. */
  async now(): Promise<Date> {
    return cloudTime((await this.compute.snapshots.list({ project: this.project, maxResults: 1 })).headers);
  }

  /** All snapshots with the owner's labels, newest first. */
  async list(): Promise<Snapshot[]> {
    const filter = `labels.platform=${this.owner.platform} AND labels.environment=${this.owner.environment}`;
    const found: Snapshot[] = [];
    let pageToken: string | undefined;
    do {
      const { data } = await this.compute.snapshots.list({ project: this.project, filter, pageToken });
      found.push(...(data.items ?? []).map(toSnapshot));
      pageToken = data.nextPageToken ?? undefined;
    } while (pageToken);
    return found.sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
  }

  /** Deletes a disk in a zone. Returns `absent` if it does not exist. */
  deleteDisk(disk: string, zone = this.zone): Promise<'deleted' | 'absent'> {
    return this.gone(this.compute.disks.delete({ project: this.project, zone, disk }));
  }

  /** Deletes a snapshot. Returns `absent` if it does not exist. Disks that were created from it are not affected. */
  delete(snapshot: string): Promise<'deleted' | 'absent'> {
    return this.gone(this.compute.snapshots.delete({ project: this.project, snapshot }));
  }

  private async gone(call: Promise<{ data: compute_v1.Schema$Operation }>): Promise<'deleted' | 'absent'> {
    try {
      await this.done((await call).data);
      return 'deleted';
    } catch (error) {
      if (httpStatus(error) === 404) return 'absent';
      throw error;
    }
  }

  private done(operation: compute_v1.Schema$Operation, onProgress?: (percent: number) => void): Promise<void> {
    return ended(this.compute, this.project, operation, onProgress);
  }
}

/** Which snapshots of `npm run snapshot -- make` are kept. */
export interface Retention {
  /** Newest snapshots of each layer that are kept, whatever their age. At least one is. */
  readonly keep: number;
  /** Those that are younger than this are kept too. @default - only the newest are kept */
  readonly keepDays?: number;
  readonly now: Date;
  /** Snapshots that disks of this environment were created from. */
  readonly used: readonly string[];
}

/**
 * The snapshots of `npm run snapshot -- make` that are no longer needed. Scheduled snapshots have no record; Google deletes
 * them.
 */
export function expired(snapshots: readonly Snapshot[], { keep, keepDays, now, used }: Retention): Snapshot[] {
  const limit = keepDays === undefined ? Number.POSITIVE_INFINITY : now.getTime() - keepDays * DAY_MS;
  const made = snapshots.filter(({ record, status }) => record && status === 'READY');
  const newer = ({ layer, createdAt }: Snapshot) =>
    made.filter((other) => other.layer === layer && other.createdAt > createdAt).length;
  return made.filter(
    (one) => !used.includes(one.name) && one.createdAt.getTime() < limit && newer(one) >= Math.max(1, keep),
  );
}

function toSnapshot(data: compute_v1.Schema$Snapshot): Snapshot {
  const record = recordIn(data.description ?? '');
  return {
    name: data.name ?? '',
    layer: data.labels?.['layer'] ?? '',
    status: data.status ?? '',
    createdAt: new Date(data.creationTimestamp ?? 0),
    sourceDiskId: data.sourceDiskId ?? '',
    sizeGb: Number(data.diskSizeGb ?? 0),
    ...(data.architecture && { architecture: data.architecture }),
    ...(data.storageLocations && { locations: data.storageLocations }),
    labels: data.labels ?? {},
    ...(record && { record }),
  };
}
