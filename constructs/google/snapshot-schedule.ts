import type { ComputeDisk } from '@cdktf/provider-google/lib/compute-disk';
import { ComputeDiskResourcePolicyAttachment } from '@cdktf/provider-google/lib/compute-disk-resource-policy-attachment';
import { ComputeResourcePolicy } from '@cdktf/provider-google/lib/compute-resource-policy';
import { Construct } from 'constructs';

export interface SnapshotScheduleProps {
  readonly name: string;
  readonly disk: ComputeDisk;
  /** Full hour, in UTC. */
  readonly at: string;
  readonly keepDays: number;
  /** Region that holds the snapshots. */
  readonly region: string;
  /** Labels of every snapshot: by these a restore finds its own. */
  readonly labels: Record<string, string>;
}

/** A snapshot of a disk every day. Snapshots outlive their disk, and go when they are too old. */
export class SnapshotSchedule extends Construct {
  constructor(scope: Construct, id: string, props: SnapshotScheduleProps) {
    super(scope, id);
    const policy = new ComputeResourcePolicy(this, 'policy', {
      name: props.name,
      snapshotSchedulePolicy: {
        schedule: { dailySchedule: { daysInCycle: 1, startTime: props.at } },
        retentionPolicy: { maxRetentionDays: props.keepDays, onSourceDiskDelete: 'KEEP_AUTO_SNAPSHOTS' },
        snapshotProperties: { labels: props.labels, storageLocations: [props.region], guestFlush: false },
      },
    });
    new ComputeDiskResourcePolicyAttachment(this, 'attachment', { name: policy.name, disk: props.disk.name });
  }
}
