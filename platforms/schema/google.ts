import { z } from 'zod';

/** The id of a Google project. */
export const projectId = z
  .string()
  .regex(/^[a-z][-a-z0-9]{4,28}[a-z0-9]$/, 'give the id of a Google project, 6 to 30 characters');

/** The platform's place in Google Cloud. */
export const google = z.strictObject({
  /** The project of the state bucket and the registry, and of every environment that shares it. */
  project: projectId,
  /**
   * Whether the environments share that project or each VM has one of its own. One of its own is safer: whoever may act
   * in staging then may not in prod.
   */
  projects: z.enum(['shared', 'per-environment']),
  region: z.string().regex(/^[a-z]+-[a-z]+\d+$/, 'name a region such as "us-east1"'),
  zone: z.string().regex(/^[a-z]+-[a-z]+\d+-[a-z]$/, 'name a zone such as "us-east1-b"'),
  /** What budgets are kept on. @default - no budgets */
  billing: z
    .strictObject({
      account: z
        .string()
        .regex(/^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$/, 'give a billing account such as "012345-6789AB-CDEF01"'),
      /** The account's own currency; Google takes no other. */
      currency: z.string().regex(/^[A-Z]{3}$/, 'give a currency code such as "USD"'),
    })
    .optional(),
});
