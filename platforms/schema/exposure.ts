import { z } from 'zod';
import { noun } from './noun';

/** A host name by which visitors reach the application. */
export const hostName = z
  .hostname('give a host name such as "threads.example.com"')
  .regex(/\./, 'give a full host name such as "threads.example.com"');

/** How visitors reach the application. `service` is a key of the platform's services. */
export const exposure = z.discriminatedUnion('kind', [
  /** Not at all; operators use `npm run open`. */
  z.strictObject({ kind: z.literal('none') }),
  /** By cloudflared, which calls out: nothing listens on a public address. */
  z.strictObject({
    kind: z.literal('tunnel'),
    service: noun,
    hostname: hostName,
  }),
  /** By a load balancer that the cluster's provider makes. */
  z.strictObject({ kind: z.literal('load-balancer'), service: noun }),
  /** By a port on the node. */
  z.strictObject({ kind: z.literal('node-port'), service: noun }),
]);
