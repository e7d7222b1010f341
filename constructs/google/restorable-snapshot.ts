import { DataGoogleComputeSnapshot } from '@cdktf/provider-google/lib/data-google-compute-snapshot';
import type { Construct } from 'constructs';

/** Whose snapshot it has to be. */
export interface SnapshotOwner {
  /** Name of the platform. */
  readonly platform: string;
  /** Name of the environment. */
  readonly environment: string;
}

/**
 * Fails the plan, before anything is replaced, unless a snapshot exists, is ready and carries the labels of its owner. It uses a
 * filter, since the data source does not export the status.
 */
export function requireRestorable(scope: Construct, id: string, snapshot: string, owner: SnapshotOwner): void {
  const labels = Object.entries({ platform: owner.platform, environment: owner.environment });
  new DataGoogleComputeSnapshot(scope, id, {
    filter: `name = "${snapshot}" AND status = "READY"`,
    lifecycle: {
      postcondition: [
        {
          condition: `\${${labels.map(([key, value]) => `lookup(self.effective_labels, "${key}", "") == "${value}"`).join(' && ')}}`,
          errorMessage: `snapshot ${snapshot} does not carry the labels of ${owner.platform} ${owner.environment}; choose one with: npm run restore -- --env ${owner.environment}`,
        },
      ],
    },
  });
}
