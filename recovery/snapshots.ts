import type { compute_v1 } from '@googleapis/compute';
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
  async make(name: string, disk: string, layer: string, record: IdentityRecord): Promise<Snapshot> {
    const { data: operation } = await this.compute.disks.createSnapshot({
      project: this.project,
      zone: this.zone,
      disk,
      requestBody: {
        name,
        description: describeSnapshot(layer, record),
        labels: { layer, platform: this.owner.platform, environment: this.owner.environment },
        storageLocations: [this.zone.replace(/-[a-z]$/, '')],
      },
    });
    await this.done(operation);
    const { data } = await this.compute.snapshots.get({ project: this.project, snapshot: name });
    if (data.status !== 'READY') throw new Error(`snapshot ${name} is ${data.status}, not READY`);
    return toSnapshot(data);
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

  private async done(operation: compute_v1.Schema$Operation): Promise<void> {
    let current = operation;
    while (current.status !== 'DONE') {
      const called = { project: this.project, operation: current.name ?? '' };
      const { data } = operation.zone
        ? await this.compute.zoneOperations.wait({ ...called, zone: this.zone })
        : await this.compute.globalOperations.wait(called);
      current = data;
    }
    const [problem] = current.error?.errors ?? [];
    if (problem) throw new Error(`${current.operationType ?? 'operation'} failed: ${problem.message ?? problem.code}`);
  }
}

/**
 * The snapshots of `npm run snapshot -- make` that are no longer needed: older than `keepDays`, with a newer one of the same
 * layer. Scheduled snapshots have no record; Google deletes them.
 *
 * @param keepDays - days after which scheduled snapshots are deleted.
 * @param used - the snapshot in restore.json, which the next plan reads.
 */
export function expired(
  snapshots: readonly Snapshot[],
  { now, keepDays, used }: { readonly now: Date; readonly keepDays: number; readonly used?: string },
): Snapshot[] {
  const limit = now.getTime() - keepDays * DAY_MS;
  const made = snapshots.filter(({ record, status }) => record && status === 'READY');
  return made.filter(
    ({ name, layer, createdAt }) =>
      name !== used &&
      createdAt.getTime() < limit &&
      made.some((other) => other.layer === layer && other.createdAt > createdAt),
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
