import type { compute_v1 } from '@googleapis/compute';
import { cloudTime, httpStatus } from '../clients/google';
import { describeSnapshot, type IdentityRecord, recordIn } from './identity-record';

/** A snapshot as far as recovery looks at it. */
export interface Snapshot {
  readonly name: string;
  readonly layer: string;
  readonly status: string;
  /** Moment of its making. */
  readonly createdAt: Date;
  /** Numeric id of the disk it was taken of. Names are used again, ids never are. */
  readonly sourceDiskId: string;
  readonly sizeGb: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Who the VM was. @default - nobody wrote it down: the snapshot was made by a schedule, or by hand */
  readonly record?: IdentityRecord;
}

/** Whose snapshots: every one carries these as labels. */
export interface SnapshotOwner {
  readonly platform: string;
  readonly environment: string;
}

/** The snapshots of one environment's VM, in Compute Engine. */
export class Snapshots {
  constructor(
    private readonly compute: compute_v1.Compute,
    private readonly project: string,
    private readonly zone: string,
    private readonly owner: SnapshotOwner,
  ) {}

  /** Makes a snapshot of a disk, with the record of its VM, and waits until it is ready. Returns it. */
  async make(name: string, disk: string, layer: string, record: IdentityRecord): Promise<Snapshot> {
    const { data: operation } = await this.compute.disks.createSnapshot({
      project: this.project,
      zone: this.zone,
      disk,
      requestBody: {
        name,
        description: describeSnapshot(layer, record),
        labels: { layer, platform: this.owner.platform, environment: this.owner.environment },
      },
    });
    await this.done(operation);
    const { data } = await this.compute.snapshots.get({ project: this.project, snapshot: name });
    if (data.status !== 'READY') throw new Error(`snapshot ${name} is ${data.status}, not READY`);
    return toSnapshot(data);
  }

  /** The moment by the clock that dates snapshots, the cloud's own: what names them and tells their age. */
  async now(): Promise<Date> {
    return cloudTime((await this.compute.snapshots.list({ project: this.project, maxResults: 1 })).headers);
  }

  /** All snapshots that carry the owner's labels, newest first. */
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

  /** Deletes a disk; one that is gone already counts as deleted. */
  async deleteDisk(disk: string): Promise<'deleted' | 'absent'> {
    try {
      const { data } = await this.compute.disks.delete({ project: this.project, zone: this.zone, disk });
      await this.done(data);
      return 'deleted';
    } catch (error) {
      if (httpStatus(error) === 404) return 'absent';
      throw error;
    }
  }

  private async done(operation: compute_v1.Schema$Operation): Promise<void> {
    let current = operation;
    while (current.status !== 'DONE') {
      const { data } = await this.compute.zoneOperations.wait({
        project: this.project,
        zone: this.zone,
        operation: current.name ?? '',
      });
      current = data;
    }
    const [problem] = current.error?.errors ?? [];
    if (problem) throw new Error(`${current.operationType ?? 'operation'} failed: ${problem.message ?? problem.code}`);
  }
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
    labels: data.labels ?? {},
    ...(record && { record }),
  };
}
