import { ServiceAccount } from '@cdktf/provider-google/lib/service-account';
import { StorageBucket } from '@cdktf/provider-google/lib/storage-bucket';
import { StorageBucketIamMember } from '@cdktf/provider-google/lib/storage-bucket-iam-member';
import { Construct } from 'constructs';

/**
 * Time in which a deleted object can be restored: 7 days, Google's default, in seconds. See
 * https://cloud.google.com/storage/docs/soft-delete
 */
const SOFT_DELETE = 7 * 24 * 3600;

/**
 * Together they allow creating and reading objects, but not `storage.objects.delete`, which replacing or deleting an object
 * needs.
 */
const ROLES = { creator: 'roles/storage.objectCreator', viewer: 'roles/storage.objectViewer' };

/** Properties of `BackupBucket`. */
export interface BackupBucketProps {
  /** Name of the bucket, unique in all of Google Cloud. See https://cloud.google.com/storage/docs/buckets#naming */
  readonly name: string;
  /** Id of the service account that uploads dumps, up to 30 characters. */
  readonly account: string;
  /** Region of the bucket. See https://cloud.google.com/storage/docs/locations */
  readonly region: string;
  /** Days after which a dump is deleted. */
  readonly keepDays: number;
  /** Labels of the bucket. */
  readonly labels: Record<string, string>;
}

/**
 * A bucket for database dumps, and the service account that uploads them.
 *
 * Creates:
 * - the bucket, which deletes dumps by age and is not destroyed while it contains any (https://registry.terraform.io/providers/hashicorp/google/6.50.0/docs/resources/storage_bucket)
 * - a service account that can add and read objects, but neither replace nor delete them
 *
 * The service account's HMAC key is created by hand, see docs/adr/0007.
 *
 * @example
 * new BackupBucket(this, 'backups', {
 *   name: 'acme-project-threads-prod-backups',
 *   account: 'threads-prod-backup',
 *   region: 'us-east1',
 *   keepDays: 30,
 *   labels: { platform: 'threads' },
 * });
 */
export class BackupBucket extends Construct {
  constructor(scope: Construct, id: string, { name, account, region, keepDays, labels }: BackupBucketProps) {
    super(scope, id);
    const bucket = new StorageBucket(this, 'bucket', {
      name,
      location: region,
      uniformBucketLevelAccess: true,
      publicAccessPrevention: 'enforced',
      forceDestroy: false,
      softDeletePolicy: { retentionDurationSeconds: SOFT_DELETE },
      lifecycleRule: [
        { action: { type: 'Delete' }, condition: { age: keepDays } },
        // The parts of an interrupted upload are billed, though they are not objects.
        { action: { type: 'AbortIncompleteMultipartUpload' }, condition: { age: 1 } },
      ],
      labels,
    });
    const writer = new ServiceAccount(this, 'writer', { accountId: account, displayName: `adds dumps to ${name}` });
    for (const [may, role] of Object.entries(ROLES)) {
      new StorageBucketIamMember(this, may, { bucket: bucket.name, role, member: writer.member });
    }
  }
}
