import { ServiceAccount } from '@cdktf/provider-google/lib/service-account';
import { StorageBucket } from '@cdktf/provider-google/lib/storage-bucket';
import { StorageBucketIamMember } from '@cdktf/provider-google/lib/storage-bucket-iam-member';
import { Construct } from 'constructs';

/** What was deleted by mistake can be brought back for so long. 7 days, Google's own default, in seconds. */
const SOFT_DELETE = 7 * 24 * 3600;

/** Both together can write what is new and read all; to replace or delete an object takes `storage.objects.delete`. */
const ROLES = { creator: 'roles/storage.objectCreator', viewer: 'roles/storage.objectViewer' };

export interface BackupBucketProps {
  /** Name of the bucket, one of its kind in all of Google Cloud. */
  readonly name: string;
  /** Account id of the identity that dumps are written by. */
  readonly account: string;
  readonly region: string;
  /** Days after which a dump goes. */
  readonly keepDays: number;
  readonly labels: Record<string, string>;
}

/**
 * A bucket for dumps of a database, and the one identity that adds to it: it can neither change nor delete what is there.
 * Dumps go by age; a bucket that holds some is not destroyed. The identity's key is made by its owner, see docs/adr/0007.
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
        // What an upload that broke off has left behind is no object, and costs as one.
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
