import { z } from 'zod';

/** The checks before a tag is written, which every kind of delivery has. */
const asked = {
  /** True to allow only one deployment at a time: a second one is refused until the lock is released. */
  lock: z.boolean(),
  /** True to deploy only when `deploy-control.yaml` allows it. */
  gate: z.boolean(),
};

/** How a new image tag reaches the cluster. `kind` selects the way. */
export const delivery = z.discriminatedUnion('kind', [
  z.strictObject({
    /** `ci-commit`: CI commits the tag to the overlay, and Argo CD follows the commit. */
    kind: z.literal('ci-commit'),
    ...asked,
  }),
  z.strictObject({
    /**
     * `image-updater`: Argo CD Image Updater watches the registry and commits tags. It uses neither the lock nor the gate, so both
     * must be false.
     */
    kind: z.literal('image-updater'),
    ...asked,
  }),
  z.strictObject({
    /**
     * `config-repository`: the CI of each service, in a separate repository, commits the tag to the platform's repository, on
     * the branch of the environment.
     */
    kind: z.literal('config-repository'),
    ...asked,
  }),
  z.strictObject({
    /** `push-apply`: CI applies the overlay itself, without Argo CD. */
    kind: z.literal('push-apply'),
    ...asked,
  }),
]);
