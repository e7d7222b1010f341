import { z } from 'zod';
import { architecture } from './architecture';
import { build } from './build';
import { gitUrl, port } from './noun';

/** A workload of the platform. */
export const service = z.strictObject({
  /**
   * Name of the image without its tag: of an own image, such as `nextjs`, or of a public one with its host, such as
   * `docker.io/library/postgres`.
   */
  image: z
    .string()
    .regex(
      /^[a-z0-9]+([._/-][a-z0-9]+)*$/,
      'use an own image such as "nextjs", or a public one such as "docker.io/library/postgres", without a tag',
    )
    .max(255, 'use at most 255 characters, as registries allow'),
  /** CPU architectures that its image is built for. @default ['amd64'] */
  architectures: z.array(architecture).min(1).default(['amd64']),
  /** TCP port that its pods listen on. */
  port,
  /**
   * Port on the node, 30000 to 32767. See https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport
   * @default - reachable inside the cluster only
   */
  nodePort: z.int().min(30_000).max(32_767).optional(),
  /** Size of its volume in GiB, such as `10Gi`. @default - no volume */
  storage: z
    .string()
    .regex(/^\d+Gi$/, 'give a size such as "10Gi"')
    .optional(),
  /** Git repository with its source, whose commits its tags name. @default - the platform's repository */
  source: gitUrl.optional(),
  /** How its own image is built. @default - from the `Dockerfile` at the root of its repository */
  build: build.optional(),
});
