import { ProviderError } from '../protocol/behaviour';
import type { Values } from '../protocol/values';
import type { World } from '../world';
import { CloudError } from './cloud-error';
import { refuseRegion } from './compute/places';
import { defineResource } from './resource';
import { refuseUnlike, text } from './values';

const durations = { create: 'control plane call', delete: 'control plane call' } as const;

/** A bucket. Its objects are the simulated storage's. */
export const bucket = defineResource({
  type: 'google_storage_bucket',
  placed: 'late',
  // The provider keeps locations in upper case.
  arguments: { location: { same: (before, after) => String(before).toUpperCase() === String(after).toUpperCase() } },
  validateCreate: refuseBucket,
  beforeUpdate: (_prior, values) => refuseBucket(values),
  known: ({ location }): Values => (typeof location === 'string' ? { location: location.toUpperCase() } : {}),
  computed: (values, { provider }) => ({
    project: values['project'] ?? provider['project'] ?? null,
    url: `gs://${text(values, 'name')}`,
    self_link: `https://www.googleapis.com/storage/v1/b/${text(values, 'name')}`,
  }),
  afterCreate: (values, context) => {
    context.world.data.buckets[text(values, 'name')] ??= {};
  },
  beforeDelete: (values, context, key) => {
    const objects = Object.keys(context.world.data.buckets[key] ?? {});
    if (objects.length > 0 && values['force_destroy'] !== true) {
      throw new ProviderError(
        `Error trying to delete bucket ${key} containing objects without \`force_destroy\` set to true`,
      );
    }
    delete context.world.data.buckets[key];
  },
  durations,
});

/** A bucket that something other than terraform creates: a call of the API, or its owner beforehand. */
export interface PlacedBucket {
  readonly name: string;
  /** Id of the Google project. */
  readonly project: string;
  /** Region or multi-region. */
  readonly location: string;
}

/** Adds a bucket, as its owner has left it. One that exists stays as it is. */
export function addBucket(world: World, place: PlacedBucket): void {
  const { name, project } = place;
  if (world.data.buckets[name]) return;
  const values = {
    ...argumentsOf(place),
    url: `gs://${name}`,
    id: name,
    effective_labels: {},
    labels: {},
    terraform_labels: {},
  };
  world.put({ type: 'google_storage_bucket', key: name, values: { ...values, project } });
  world.data.buckets[name] = {};
  world.changed();
}

/**
 * Creates a bucket by a call of the API.
 *
 * @param settings - arguments that terraform has for it.
 * @throws {CloudError} if the name is taken, or the service is not enabled.
 */
export async function createBucketIn(world: World, place: PlacedBucket, settings: Values): Promise<void> {
  const { name, project } = place;
  if (world.data.buckets[name]) {
    const message = 'Your previous request to create the named bucket succeeded and you already own it.';
    throw new CloudError({ status: 409, reason: 'conflict', message });
  }
  await bucket.create({ ...argumentsOf(place), ...settings }, { world, provider: { project }, home: '' });
}

function argumentsOf({ name, project, location }: PlacedBucket): Values {
  return { name, project, location: location.toUpperCase(), force_destroy: false, storage_class: 'STANDARD' };
}

/** A repository of Artifact Registry. */
export const registryRepository = defineResource({
  type: 'google_artifact_registry_repository',
  validateCreate: (values) =>
    refuseUnlike(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/, 'repository_id', text(values, 'repository_id')),
  computed: (values, context) => ({
    name: text(values, 'repository_id'),
    create_time: context.world.clock.iso(),
    update_time: context.world.clock.iso(),
    registry_uri: `${text(values, 'location')}-docker.pkg.dev/${text(values, 'project')}/${text(values, 'repository_id')}`,
  }),
  durations,
});

/** An object of a bucket. The sandbox keeps its name, not its content. */
export const bucketObject = defineResource({
  type: 'google_storage_bucket_object',
  placed: 'late',
  computed: (values, { world }, key) => ({
    id: `${text(values, 'bucket')}-${text(values, 'name')}`,
    output_name: text(values, 'name'),
    generation: Number(world.nextId().slice(-9)),
    media_link: `https://storage.googleapis.com/download/storage/v1/${key}?alt=media`,
    self_link: `https://www.googleapis.com/storage/v1/${key}`,
  }),
  durations,
});

/** Storage classes. Source: documentation of Cloud Storage. */
const CLASSES = [
  ...['STANDARD', 'NEARLINE', 'COLDLINE', 'ARCHIVE'],
  ...['MULTI_REGIONAL', 'REGIONAL', 'DURABLE_REDUCED_AVAILABILITY'],
];

/** Locations of more than one region. Source: documentation of Cloud Storage, bucket locations. */
const WIDE = ['US', 'EU', 'ASIA', 'NAM4', 'EUR4', 'EUR5', 'EUR7', 'EUR8', 'ASIA1'];

/** Refuses names, locations and classes that Cloud Storage refuses. @throws CloudError */
function refuseBucket(values: Values): void {
  const [name, location, storageClass] = ['name', 'location', 'storage_class'].map((each) => text(values, each));
  const isName = /^[a-z0-9][-_.a-z0-9]{1,220}[a-z0-9]$/.test(name ?? '');
  const parts = (name ?? '').split('.');
  if (!isName || parts.some((part) => part.length > 63) || /^goog|g[o0]{2}g[l1]e/.test(name ?? '')) {
    throw new CloudError({ status: 400, reason: 'invalid', message: `Invalid bucket name: '${name}'` });
  }
  if (location && !WIDE.includes(location.toUpperCase())) refuseRegion(location.toLowerCase());
  if (storageClass && !CLASSES.includes(storageClass)) {
    throw new CloudError(
      { status: 400, reason: 'invalid', message: `Invalid storage class: '${storageClass}'` },
      `expected one of ${CLASSES.join(', ')}`,
    );
  }
}
