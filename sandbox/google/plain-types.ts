import type { ResourceBehaviour } from '../protocol/behaviour';
import type { Values } from '../protocol/values';
import { defineResource } from './resource';
import type { GoogleResource } from './resource-type';
import { text } from './values';

const CALL = { create: 'control plane call', delete: 'control plane call' } as const;
const NETWORK = { create: 'network operation', update: 'network operation', delete: 'network operation' } as const;

/**
 * Types of which the sandbox knows no more than their schema, the provider's table and what they refer to. What only their API
 * refuses is not refused here.
 */
const PLAIN: readonly GoogleResource[] = [
  { type: 'google_compute_route', durations: NETWORK },
  { type: 'google_compute_network_peering', placed: 'late', durations: NETWORK },
  { type: 'google_compute_global_forwarding_rule', durations: NETWORK },
  { type: 'google_compute_forwarding_rule', durations: NETWORK },
  { type: 'google_compute_backend_service', durations: NETWORK },
  { type: 'google_compute_backend_bucket', durations: NETWORK },
  { type: 'google_compute_url_map', durations: NETWORK },
  { type: 'google_compute_target_http_proxy', durations: NETWORK },
  { type: 'google_compute_target_https_proxy', durations: NETWORK },
  { type: 'google_compute_managed_ssl_certificate', durations: NETWORK },
  { type: 'google_compute_ssl_policy', durations: NETWORK },
  { type: 'google_compute_security_policy', durations: NETWORK },
  { type: 'google_compute_project_metadata_item', durations: NETWORK },
  { type: 'google_pubsub_topic', durations: CALL },
  { type: 'google_pubsub_subscription', durations: CALL },
  {
    type: 'google_logging_project_sink',
    // With `unique_writer_identity`, the default, each sink has an account of its own.
    computed: (_values, { world }) => ({
      writer_identity: `serviceAccount:service-${world.nextId()}@gcp-sa-logging.iam.gserviceaccount.com`,
    }),
    durations: CALL,
  },
  { type: 'google_monitoring_dashboard', durations: CALL },
];

/** The plain types. */
export const plainTypes: readonly ResourceBehaviour[] = PLAIN.map((spec) =>
  defineResource({
    ...spec,
    computed: (values, context, key) => ({
      creation_timestamp: context.world.clock.iso(),
      fingerprint: context.world.nextId(),
      ...spec.computed?.(values, context, key),
    }),
  }),
);

/** Where the range of a reserved address begins, if the provider is asked to choose. */
const PEERING = '10.128.0.0';

/** A global address: external, or a range for the services of a network's peers. */
export const globalAddress: ResourceBehaviour = defineResource({
  type: 'google_compute_global_address',
  recomputed: ['label_fingerprint'],
  computed: (values, { world }) => ({
    address:
      text(values, 'address') ||
      (text(values, 'address_type') === 'INTERNAL' ? PEERING : externalAddress(world.nextId())),
    creation_timestamp: world.clock.iso(),
    label_fingerprint: world.nextId(),
  }),
  durations: { create: 'address operation', update: 'address operation', delete: 'address operation' },
});

/** An address for documentation. Source: RFC 5737. */
function externalAddress(id: string): string {
  return `198.51.100.${Number(id.slice(-6)) % 254}`;
}

/** A template of instances. Any change replaces it. */
export const instanceTemplate: ResourceBehaviour = defineResource({
  type: 'google_compute_instance_template',
  number: (values, { world }) =>
    text(values, 'name') || `${text(values, 'name_prefix') || 'terraform-'}${world.nextId()}`,
  computed: (_values, { world }, key): Values => ({
    name: key.split('/').at(-1) ?? '',
    creation_timestamp: world.clock.iso(),
    metadata_fingerprint: world.nextId(),
    tags_fingerprint: world.nextId(),
    numeric_id: world.nextId(),
    self_link_unique: `https://www.googleapis.com/compute/v1/${key}?uniqueId=${world.nextId()}`,
  }),
  durations: { create: 'instance update', delete: 'instance update' },
});
