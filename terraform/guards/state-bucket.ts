import { changedResources, type Guard } from './guard';

/** Refuses to lose the bucket of the states, or the versions of its objects, which are the only way back from a broken state. */
export const stateBucket: Guard = {
  name: 'state-bucket',
  protects: 'the bucket that holds the states, and the versions of its objects',
  find: (input) =>
    changedResources(input)
      .filter(({ type, before }) => type === 'google_storage_bucket' && before['name'] === input.facts.stateBucket)
      .flatMap(({ layer, address, lost, before, after }) => {
        const message = lost
          ? `bucket ${before['name']} is destroyed, with the state of every layer`
          : isVersioned(before) && !isVersioned(after)
            ? `bucket ${before['name']} no longer keeps versions of its objects`
            : undefined;
        const blastRadius =
          'every layer of every environment in this bucket: terraform forgets all that it has created';
        return message ? [{ place: layer, subject: address, message, blastRadius }] : [];
      }),
};

function isVersioned({ versioning }: Readonly<Record<string, unknown>>): boolean {
  return Array.isArray(versioning) && versioning.some((one) => (one as { enabled?: unknown } | null)?.enabled === true);
}
