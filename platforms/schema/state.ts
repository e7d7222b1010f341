import { z } from 'zod';

/**
 * Prefix of the states in the bucket. One without `<env>`, such as `<layer>/state`, keeps the states of a platform that was
 * deployed before: a rule refuses it where two environments would share a state.
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

/** Where terraform keeps the state of each layer: a bucket, for everybody who deploys. */
export const state = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('gcs'),
    bucket: z
      .string()
      .regex(/^[a-z0-9][-a-z0-9_.]{1,61}[a-z0-9]$/, 'give the name of a bucket, 3 to 63 characters')
      // Source: https://cloud.google.com/storage/docs/buckets#naming
      .regex(
        /^(?!goog)(?!.*g[o0]{2}gle)/,
        'choose another name: Google reserves those that begin with "goog" or contain "google"',
      ),
    prefix,
  }),
]);

/** In `.state` beside the folder of synthesised stacks: for a cluster that is on one machine too, and goes with it. */
const localState = z.strictObject({ kind: z.literal('local') });

/** Where the states of one environment are, if not where the platform's are: under another prefix of the bucket, or local. */
export const environmentState = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('gcs'), prefix }),
  localState,
]);

/** Where terraform keeps the state of each layer. */
export type State = z.output<typeof state> | z.output<typeof localState>;
