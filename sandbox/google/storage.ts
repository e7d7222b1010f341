import { CloudError } from '../protocol/behaviour';
import type { Values } from '../protocol/values';
import { defineResource, text } from './resource';

const takes = { create: 'control plane call', delete: 'control plane call' } as const;

/** A bucket. Its objects are the simulated storage's. */
export const bucket = defineResource({
  type: 'google_storage_bucket',
  noun: 'bucket',
  key: '{name}',
  placed: 'late',
  // The provider keeps locations in upper case.
  arguments: { location: { same: (before, after) => String(before).toUpperCase() === String(after).toUpperCase() } },
  known: ({ location }): Values => (typeof location === 'string' ? { location: location.toUpperCase() } : {}),
  computed: (values, { provider }) => ({
    project: values['project'] ?? provider['project'] ?? null,
    url: `gs://${text(values, 'name')}`,
    self_link: `https://www.googleapis.com/storage/v1/b/${text(values, 'name')}`,
  }),
  made: (values, context) => {
    context.world.data.buckets[text(values, 'name')] ??= {};
  },
  unmake: (values, context, key) => {
    const objects = Object.keys(context.world.data.buckets[key] ?? {});
    if (objects.length > 0 && values['force_destroy'] !== true) {
      throw new CloudError(
        `Error trying to delete bucket ${key} containing objects without \`force_destroy\` set to true`,
      );
    }
    delete context.world.data.buckets[key];
  },
  takes,
});

/** A repository of Artifact Registry. */
export const registryRepository = defineResource({
  type: 'google_artifact_registry_repository',
  noun: 'repository',
  key: 'projects/{project}/locations/{location}/repositories/{repository_id}',
  computed: (values, context) => ({
    name: text(values, 'repository_id'),
    create_time: context.world.clock.iso(),
    update_time: context.world.clock.iso(),
    registry_uri: `${text(values, 'location')}-docker.pkg.dev/${text(values, 'project')}/${text(values, 'repository_id')}`,
  }),
  takes,
});

/** A topic of Pub/Sub. */
export const topic = defineResource({
  type: 'google_pubsub_topic',
  noun: 'topic',
  key: 'projects/{project}/topics/{name}',
  takes,
});

/** A zone of Cloud DNS. */
export const managedZone = defineResource({
  type: 'google_dns_managed_zone',
  noun: 'zone',
  key: 'projects/{project}/managedZones/{name}',
  computed: (_values, context) => ({
    managed_zone_id: Number(context.world.nextId().slice(-9)),
    creation_time: context.world.clock.iso(),
    name_servers: [1, 2, 3, 4].map((n) => `ns-cloud-a${n}.googledomains.com.`),
  }),
  takes,
});

/** A record in a zone. */
export const recordSet = defineResource({
  type: 'google_dns_record_set',
  noun: 'record set',
  key: 'projects/{project}/managedZones/{managed_zone}/rrsets/{name}/{type}',
  refers: { managed_zone: 'google_dns_managed_zone' },
  takes,
});

/** A version of a secret. Whoever makes it by terraform writes the value into the state. */
export const secretVersion = defineResource({
  type: 'google_secret_manager_secret_version',
  noun: 'secret version',
  key: '{secret}/versions/{#}',
  refers: { secret: 'google_secret_manager_secret' },
  sensitive: ['secret_data'],
  made: (values, context) => {
    const key = text(values, 'secret');
    const versions = context.world.data.secretVersions[key] ?? [];
    versions.push(Buffer.from(text(values, 'secret_data')).toString('base64'));
    context.world.data.secretVersions[key] = versions;
  },
  computed: (values: Values, context, key) => ({
    name: key,
    version: String((context.world.data.secretVersions[text(values, 'secret')]?.length ?? 0) + 1),
    create_time: context.world.clock.iso(),
    destroy_time: '',
  }),
  takes,
});
