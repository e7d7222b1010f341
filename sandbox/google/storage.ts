import { CloudError } from '../protocol/behaviour';
import type { Values } from '../protocol/values';
import { defineResource, matching, oneOf, rules, text } from './resource';

const takes = { create: 'control plane call', delete: 'control plane call' } as const;

/** A bucket. Its objects are the simulated storage's. */
export const bucket = defineResource({
  type: 'google_storage_bucket',
  noun: 'bucket',
  key: '{name}',
  arguments: {
    name: matching(
      'replace',
      /^[a-z0-9][-_.a-z0-9]{1,61}[a-z0-9]$/,
      '3-63 lowercase letters, digits, hyphens, underscores or dots',
    ),
    location: 'replace',
    project: 'replace',
    public_access_prevention: oneOf('in-place', 'inherited', 'enforced'),
    ...rules('in-place', 'versioning', 'lifecycle_rule', 'retention_policy', 'soft_delete_policy', 'storage_class'),
    ...rules('in-place', 'uniform_bucket_level_access', 'force_destroy', 'labels', 'cors', 'website', 'logging'),
  },
  computed: (values) => ({
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
  arguments: {
    repository_id: matching(
      'replace',
      /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/,
      '1-63 lowercase letters, digits or hyphens',
    ),
    location: 'replace',
    format: oneOf('replace', 'DOCKER', 'MAVEN', 'NPM', 'PYTHON', 'APT', 'YUM', 'GO', 'GENERIC'),
    mode: 'replace',
    ...rules('in-place', 'description', 'labels', 'cleanup_policies', 'cleanup_policy_dry_run', 'docker_config'),
    vulnerability_scanning_config: 'in-place',
  },
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
  arguments: {
    name: 'replace',
    ...rules('in-place', 'labels', 'message_retention_duration', 'message_storage_policy'),
  },
  takes,
});

/** A zone of Cloud DNS. */
export const managedZone = defineResource({
  type: 'google_dns_managed_zone',
  noun: 'zone',
  key: 'projects/{project}/managedZones/{name}',
  arguments: {
    name: 'replace',
    dns_name: matching('replace', /\.$/, 'a domain name that ends with a dot'),
    visibility: 'replace',
    ...rules('in-place', 'description', 'labels', 'dnssec_config', 'force_destroy', 'private_visibility_config'),
  },
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
  arguments: {
    managed_zone: 'replace',
    name: 'replace',
    type: 'replace',
    ...rules('in-place', 'rrdatas', 'ttl', 'routing_policy'),
  },
  refers: { managed_zone: 'google_dns_managed_zone' },
  takes,
});

/** A version of a secret. Whoever makes it by terraform writes the value into the state. */
export const secretVersion = defineResource({
  type: 'google_secret_manager_secret_version',
  noun: 'secret version',
  key: '{secret}/versions/{#}',
  arguments: {
    secret: 'replace',
    secret_data: 'replace',
    enabled: 'in-place',
    deletion_policy: 'in-place',
    is_secret_data_base64: 'replace',
  },
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
