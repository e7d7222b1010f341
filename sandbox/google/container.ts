import { ProviderError } from '../protocol/behaviour';
import { defineResource } from './resource';
import { text } from './values';

/**
 * A cluster of GKE. Only its resource is simulated: no API answers at its endpoint. The provider's table does not have it, so
 * arguments can be set and not be changed.
 */
export const cluster = defineResource({
  type: 'google_container_cluster',
  sensitive: ['master_auth.client_key'],
  // The API chooses what a configuration leaves out.
  arguments: { master_auth: { same: (_before, after) => Array.isArray(after) && after.length === 0 } },
  computed: (values, { world }) => ({
    endpoint: '192.0.2.10',
    master_version: text(values, 'min_master_version'),
    node_version: text(values, 'node_version') || text(values, 'min_master_version'),
    services_ipv4_cidr: '34.118.224.0/20',
    label_fingerprint: world.nextId().slice(-8),
    operation: '',
    master_auth: [
      {
        client_certificate: '',
        client_certificate_config: [],
        client_key: '',
        cluster_ca_certificate: Buffer.from('simulated').toString('base64'),
      },
    ],
  }),
  // Source: google 6.50.0, resource_container_cluster.go; the argument is true by default.
  beforeDelete: ({ deletion_protection: isProtected }) => {
    if (isProtected === false) return;
    throw new ProviderError(
      'Cannot destroy cluster because deletion_protection is set to true. Set it to false to proceed with cluster deletion.',
    );
  },
  durations: { create: 'cluster operation', delete: 'cluster operation' },
});

/** A node pool of a cluster. */
export const nodePool = defineResource({
  type: 'google_container_node_pool',
  computed: (values) => ({
    version: text(values, 'version'),
    operation: '',
    instance_group_urls: [],
    managed_instance_group_urls: [],
  }),
  durations: { create: 'node pool operation', delete: 'node pool operation' },
});
