import { type ChangedResource, type Guard, type GuardFacts, lostResources } from './guard';

/** Oldest snapshot that counts as recent, in hours: a daily schedule, and the time that a snapshot takes. */
const RECENT_HOURS = 26;

/** Refuses to destroy a disk whose data is in no recent snapshot. */
export const disk: Guard = {
  name: 'disk',
  protects: 'a disk without a snapshot of the last 26 hours',
  find: (input) =>
    lostResources(input, 'google_compute_disk').flatMap((resource) => {
      const { layer, address, before } = resource;
      const missing = snapshotMissing(resource, input.facts);
      const blastRadius = `${before['size'] ?? '?'} GB of disk ${before['name'] ?? ''}: the cluster on it with all volumes, back to the last snapshot if there is one`;
      return missing ? [{ place: layer, subject: address, message: missing, blastRadius }] : [];
    }),
};

function snapshotMissing({ before }: ChangedResource, { snapshots, now }: GuardFacts): string | undefined {
  const next = 'create one with npm run snapshot -- make';
  if (!snapshots) return `the disk is destroyed, and its snapshots could not be read; ${next}`;
  const ages = snapshots
    .filter(({ sourceDiskId }) => sourceDiskId === String(before['disk_id']))
    .map(({ createdAt }) => (now.getTime() - createdAt.getTime()) / 3_600_000);
  if (ages.length === 0) return `the disk is destroyed, and it has no snapshot; ${next}`;
  const newest = Math.min(...ages);
  return newest > RECENT_HOURS
    ? `the disk is destroyed, and its newest snapshot is ${Math.floor(newest)} hours old; ${next}`
    : undefined;
}
