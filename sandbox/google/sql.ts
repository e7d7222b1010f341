import { ProviderError } from '../protocol/behaviour';
import { CloudError } from './cloud-error';
import { defineResource } from './resource';
import { block, text } from './values';

const CALL = { create: 'control plane call', delete: 'control plane call' } as const;

/** A private connection from a network to Google's services, as Cloud SQL needs it for private addresses. */
export const connection = defineResource({
  type: 'google_service_networking_connection',
  placed: 'late',
  computed: () => ({ peering: 'servicenetworking-googleapis-com' }),
  durations: CALL,
});

/**
 * An instance of Cloud SQL. Nothing answers at its address. The provider's table does not have it, so arguments can be set
 * and not be changed.
 */
export const instance = defineResource({
  type: 'google_sql_database_instance',
  sensitive: ['root_password'],
  validateCreate: (values, { world }) => {
    const settings = block(block(values, 'settings') ?? {}, 'ip_configuration') ?? {};
    const network = text(settings, 'private_network');
    const isPeered = world
      .list('google_service_networking_connection')
      .some(({ key }) => key.startsWith(`${network}/`));
    if (network && !isPeered) {
      throw new CloudError({
        status: 400,
        reason: 'invalid',
        message: `Failed to create subnetwork. Please create Service Networking connection with service 'servicenetworking.googleapis.com' from consumer network '${network}' again.`,
      });
    }
  },
  computed: (values) => ({
    connection_name: `${text(values, 'project')}:${text(values, 'region')}:${text(values, 'name')}`,
    first_ip_address: '192.0.2.20',
    public_ip_address: '192.0.2.20',
    self_link: `https://sqladmin.googleapis.com/sql/v1beta4/projects/${text(values, 'project')}/instances/${text(values, 'name')}`,
  }),
  beforeDelete: ({ deletion_protection: isProtected }) => {
    if (isProtected === false) return;
    throw new ProviderError(
      'Error, failed to delete instance because deletion_protection is set to true. Set it to false to proceed with instance deletion',
    );
  },
  durations: { create: 'database instance operation', delete: 'database instance operation' },
});

/** A database of an instance. */
export const database = defineResource({ type: 'google_sql_database', durations: CALL });

/** A user of an instance. */
export const user = defineResource({ type: 'google_sql_user', sensitive: ['password'], durations: CALL });
