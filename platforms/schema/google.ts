import { z } from 'zod';

/** The id of a Google project. */
const projectId = z
  .string()
  .regex(/^[a-z][-a-z0-9]{4,28}[a-z0-9]$/, 'give the id of a Google project, 6 to 30 characters');

/** Where the platform is in Google Cloud. */
export const google = z.strictObject({
  /** Id of the project with the state bucket, the registry and all environments. */
  project: projectId,
  /** Region of the subnets, snapshots and buckets, such as `us-east1`. See https://cloud.google.com/compute/docs/regions-zones */
  region: z.string().regex(/^[a-z]+-[a-z]+\d+$/, 'name a region such as "us-east1"'),
  /** Zone of the VMs and their disks, such as `us-east1-b`. It must be in the region. */
  zone: z.string().regex(/^[a-z]+-[a-z]+\d+-[a-z]$/, 'name a zone such as "us-east1-b"'),
});
