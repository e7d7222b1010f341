import { z } from 'zod';

/** A short noun: it becomes part of names in Google Cloud, Kubernetes and Git. */
export const noun = z
  .string()
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'use lowercase letters, digits and single hyphens, beginning with a letter');

/** A TCP port. */
export const port = z.int().min(1).max(65_535);

/** A remote Git repository. */
export const gitUrl = z
  .string()
  .regex(/^https:\/\/.+\.git$/, 'give an address such as "https://github.com/owner/name.git"');
