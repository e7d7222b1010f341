import { z } from 'zod';

/**
 * Prefix of the states in the bucket. A platform that was deployed before can keep its prefix without `<env>`, such as
 * `<layer>/state`; a rule refuses it if two environments would share a state.
 */
const prefix = z
  .string()
  .regex(
    /^(?!\/)(?!.*\/\/)([\w./-]|<(env|layer)>)+(?<!\/)$/,
    'use letters, digits and . _ / -, with "<layer>" and "<env>", such as "threads/<env>/<layer>/state"',
  )
  .regex(
    /<layer>/,
    'give a path with "<layer>", and "<env>" where environments share the bucket, such as "threads/<env>/<layer>/state": two layers never share a state',
  );

/** Where Terraform keeps the state of each layer: a bucket that everybody who deploys can access. */
export const state = z.discriminatedUnion('kind', [
  z.strictObject({
    /** `gcs`: a Google Cloud Storage bucket. See https://developer.hashicorp.com/terraform/language/backend/gcs */
    kind: z.literal('gcs'),
    /** Name of the bucket, 3 to 63 characters. It must exist. See https://cloud.google.com/storage/docs/buckets#naming */
    bucket: z
      .string()
      .regex(/^[a-z0-9][-a-z0-9_.]{1,61}[a-z0-9]$/, 'give the name of a bucket, 3 to 63 characters')
      // Source: https://cloud.google.com/storage/docs/buckets#naming
      .regex(
        /^(?!goog)(?!.*g[o0]{2}gle)/,
        'choose another name: Google reserves those that begin with "goog" or contain "google"',
      ),
    /** Prefix of the states in the bucket, with `<env>` and `<layer>`, such as `threads/<env>/<layer>/state`. */
    prefix,
  }),
]);

/** State files on this machine, for a cluster that is on this machine too. */
const localState = z.strictObject({
  /** `local`: files in `.state`, next to the folder of synthesised stacks, for a cluster on the same machine. */
  kind: z.literal('local'),
});

/** Where the states of an environment are, if not with the platform's: under another prefix of the bucket, or local. */
export const environmentState = z.discriminatedUnion('kind', [
  z.strictObject({
    /** `gcs`: the platform's bucket, with another prefix. */
    kind: z.literal('gcs'),
    /** Prefix of the states in the bucket, with `<layer>`, and `<env>` if environments share it. */
    prefix,
  }),
  localState,
]);

/** Where Terraform keeps the state of each layer. */
export type State = z.output<typeof state> | z.output<typeof localState>;
