import { z } from 'zod';

/** Two questions that are asked before a tag is written. */
const asked = {
  /** One deployment at a time. */
  lock: z.boolean(),
  /** deploy-control.yaml decides whether now is allowed. */
  gate: z.boolean(),
};

/** How a tag reaches the cluster. */
export const delivery = z.discriminatedUnion('kind', [
  /** CI commits the tag to the overlay; Argo CD follows the commit. */
  z.strictObject({ kind: z.literal('ci-commit'), ...asked }),
  /** Argo CD Image Updater watches the registry and commits by itself. It asks nobody, so neither lock nor gate may be on. */
  z.strictObject({ kind: z.literal('image-updater'), ...asked }),
  /** CI of each service, in a repository of its own, commits the tag to the platform's, whose branch is the environment. */
  z.strictObject({ kind: z.literal('config-repository'), ...asked }),
  /** CI applies the overlay itself. There is no Argo CD. */
  z.strictObject({ kind: z.literal('push-apply'), ...asked }),
]);
