import { z } from 'zod';
import { noun } from './noun';

/** A fully qualified host name of the application. */
export const hostName = z
  .hostname('give a host name such as "threads.example.com"')
  .regex(/\./, 'give a full host name such as "threads.example.com"');

const target = {
  /** Key of the service in the platform's `services`. */
  service: noun,
};

/** How users reach the application. `kind` selects the way. */
export const exposure = z.discriminatedUnion('kind', [
  z.strictObject({
    /** `none`: users cannot reach it; operators use `npm run open`. */
    kind: z.literal('none'),
  }),
  z.strictObject({
    /**
     * `tunnel`: through a Cloudflare Tunnel, which cloudflared opens from inside, so that nothing listens on a public address.
     * See https://developers.cloudflare.com/cloudflare-one/connections/connect-networks/
     */
    kind: z.literal('tunnel'),
    ...target,
    /** Public host name, such as `threads.example.com`. */
    hostname: hostName,
  }),
  z.strictObject({
    /**
     * `node-port`: through `nodePort` of the service, on the address of the node.
     * See https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport
     */
    kind: z.literal('node-port'),
    ...target,
  }),
]);
