import type { ComputeDisk } from '@cdktf/provider-google/lib/compute-disk';
import { ComputeDiskResourcePolicyAttachment } from '@cdktf/provider-google/lib/compute-disk-resource-policy-attachment';
import { ComputeResourcePolicy } from '@cdktf/provider-google/lib/compute-resource-policy';
import { Construct } from 'constructs';

/** Properties of `SnapshotSchedule`. */
export interface SnapshotScheduleProps {
  /** Name of the snapshot schedule. */
  readonly name: string;
  /** The disk that snapshots are taken of. */
  readonly disk: ComputeDisk;
  /** Full hour in UTC at which a snapshot is taken, such as `14:00`. */
  readonly at: string;
  /** Days after which a snapshot is deleted. */
  readonly keepDays: number;
  /** True to run the guest's scripts that flush and freeze its data. @default false */
  readonly guestFlush?: boolean;
  /** Region that the snapshots are stored in. */
  readonly region: string;
  /** Labels of every snapshot, by which `restore` finds them. */
  readonly labels: Record<string, string>;
}

/**
 * Daily snapshots of a disk. Snapshots are kept when the disk is deleted, and deleted by age.
 *
 * Creates:
 * - the snapshot schedule (https://registry.terraform.io/providers/hashicorp/google/6.50.0/docs/resources/compute_resource_policy)
 * - its attachment to the disk (https://registry.terraform.io/providers/hashicorp/google/6.50.0/docs/resources/compute_disk_resource_policy_attachment)
 *
 * @example
 * const disk = new ComputeDisk(this, 'disk', { name: 'threads-prod-vm', zone: 'us-east1-b', size: 50 });
 * new SnapshotSchedule(this, 'snapshots', {
 *   name: 'threads-prod-snapshots',
 *   disk,
 *   at: '14:00',
 *   keepDays: 14,
 *   region: 'us-east1',
 *   labels: { platform: 'threads' },
 * });
 */
export class SnapshotSchedule extends Construct {
  constructor(scope: Construct, id: string, props: SnapshotScheduleProps) {
    super(scope, id);
    const policy = new ComputeResourcePolicy(this, 'policy', {
      name: props.name,
      snapshotSchedulePolicy: {
        schedule: { dailySchedule: { daysInCycle: 1, startTime: props.at } },
        retentionPolicy: { maxRetentionDays: props.keepDays, onSourceDiskDelete: 'KEEP_AUTO_SNAPSHOTS' },
        snapshotProperties: {
          labels: props.labels,
          storageLocations: [props.region],
          guestFlush: props.guestFlush ?? false,
        },
      },
    });
    new ComputeDiskResourcePolicyAttachment(this, 'attachment', { name: policy.name, disk: props.disk.name });
  }
}
