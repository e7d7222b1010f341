import { z } from 'zod';

/** The id of a Google project. */
export const projectId = z
  .string()
  .regex(/^[a-z][-a-z0-9]{4,28}[a-z0-9]$/, 'give the id of a Google project, 6 to 30 characters');

/** Where the platform is in Google Cloud. */
export const google = z.strictObject({
  /** Id of the project with the state bucket, the registry and every environment without a separate project. */
  project: projectId,
  /**
   * `shared`: all environments are in that project. `per-environment`: each VM has a separate project, so that permissions in
   * staging give none in prod.
   */
  projects: z.enum(['shared', 'per-environment']),
  /** Region of the subnets, snapshots and buckets, such as `us-east1`. See https://cloud.google.com/compute/docs/regions-zones */
  region: z.string().regex(/^[a-z]+-[a-z]+\d+$/, 'name a region such as "us-east1"'),
  /** Zone of the VMs and their disks, such as `us-east1-b`. It must be in the region. */
  zone: z.string().regex(/^[a-z]+-[a-z]+\d+-[a-z]$/, 'name a zone such as "us-east1-b"'),
  /** The billing account that budgets belong to. @default - no budgets */
  billing: z
    .strictObject({
      /**
       * Id of the billing account, such as `012345-6789AB-CDEF01`. See
       * https://cloud.google.com/billing/docs/how-to/find-billing-account-id
       */
      account: z
        .string()
        .regex(/^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$/, 'give a billing account such as "012345-6789AB-CDEF01"'),
      /** ISO 4217 code of the account's currency, such as `USD`; Google accepts no other. */
      currency: z.string().regex(/^[A-Z]{3}$/, 'give a currency code such as "USD"'),
    })
    .optional(),
});
