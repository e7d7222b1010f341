import { StorageBucket } from '@cdktf/provider-google/lib/storage-bucket';
import { Construct } from 'constructs';

/** Older versions of an object that are kept: a broken state is replaced by an earlier version of it. */
const KEPT_VERSIONS = 50;

/** Days after which a version that is older than `KEPT_VERSIONS` others is deleted. */
const KEPT_DAYS = 30;

/** Properties of `StateBucket`. */
export interface StateBucketProps {
  /** Name of the bucket, which exists. */
  readonly name: string;
  /** Google project of the bucket. */
  readonly project: string;
  /** Region of the bucket. See https://cloud.google.com/storage/docs/locations */
  readonly region: string;
  /** Labels of the bucket. */
  readonly labels: Record<string, string>;
}

/**
 * The bucket that holds the state of every layer, its own too: `npm run bootstrap` creates it, and this construct imports it.
 *
 * Creates the settings of the bucket (https://registry.terraform.io/providers/hashicorp/google/6.50.0/docs/resources/storage_bucket):
 * versions of objects, of which old ones are deleted, no public access, and access by IAM only. It has no retention policy, which
 * would forbid to overwrite a state and to delete its lock. It cannot be destroyed.
 *
 * @example
 * new StateBucket(this, 'states', {
 *   name: 'acme-project-states',
 *   project: 'acme-project',
 *   region: 'us-east1',
 *   labels: { platform: 'threads' },
 * });
 */
export class StateBucket extends Construct {
  constructor(scope: Construct, id: string, { name, project, region, labels }: StateBucketProps) {
    super(scope, id);
    const bucket = new StorageBucket(this, 'bucket', {
      name,
      project,
      location: region,
      uniformBucketLevelAccess: true,
      publicAccessPrevention: 'enforced',
      forceDestroy: false,
      versioning: { enabled: true },
      lifecycleRule: [
        {
          action: { type: 'Delete' },
          condition: { numNewerVersions: KEPT_VERSIONS, daysSinceNoncurrentTime: KEPT_DAYS },
        },
      ],
      labels,
      lifecycle: { preventDestroy: true },
    });
    bucket.importFrom(name);
  }
}
