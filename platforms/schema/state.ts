import { z } from 'zod';

/** Where terraform keeps the state of each layer: a bucket, for everybody who deploys. */
export const state = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('gcs'),
    bucket: z.string().regex(/^[a-z0-9][-a-z0-9_.]{1,61}[a-z0-9]$/, 'give the name of a bucket, 3 to 63 characters'),
    prefix: z
      .string()
      .regex(
        /^(?=.*<layer>)(?=.*<env>)/,
        'give a path with "<env>" and "<layer>", such as "threads/<env>/<layer>/state": two layers never share a state',
      ),
  }),
]);

/** In `.state` beside the folder of synthesised stacks: for a cluster that is on one machine too, and goes with it. */
export const localState = z.strictObject({ kind: z.literal('local') });

/** Where terraform keeps the state of each layer. */
export type State = z.output<typeof state> | z.output<typeof localState>;
