import { CloudError, type Context } from '../../protocol/behaviour';
import { equal, isObject, type Value, type Values } from '../../protocol/values';
import { block, defineResource, referredKey, rules, text } from '../resource';
import { refuseUnscheduled } from '../scheduler';
import { diskArchitecture, makeDisk } from './disk';
import { MACHINE_TYPES, powerOff, powerOn } from './machine';
import { freeAddress, subnetOf, takeAddress, users } from './network';

/** A VM. Booting it is its machine's business. */
export const instance = defineResource({
  type: 'google_compute_instance',
  noun: 'instance',
  key: 'projects/{project}/zones/{zone}/instances/{name}',
  placed: 'project and place',
  arguments: {
    // What the provider only changes on a stopped instance. Source: google 6.50.0, allow_stopping_for_update.
    ...rules(
      'stop',
      'machine_type',
      'min_cpu_platform',
      'enable_display',
      'service_account',
      'shielded_instance_config',
    ),
    ...rules('stop', 'network_interface.network', 'network_interface.subnetwork'),
    'service_account.scopes': { same: (before, after) => equal(scopesOf(before), scopesOf(after)) },
    'network_interface.access_config': 'in-place',
    'network_interface.alias_ip_range': 'in-place',
    // By a CustomizeDiff of the provider, which a table does not show.
    metadata_startup_script: 'replace',
  },
  known: ({ service_account: accounts }): Values =>
    Array.isArray(accounts) ? { service_account: accounts.map(withScopes) } : {},
  refers: {
    'boot_disk.source': 'google_compute_disk',
    'attached_disk.source': 'google_compute_disk',
    'network_interface.network': 'google_compute_network',
    'network_interface.subnetwork': 'google_compute_subnetwork',
    resource_policies: 'google_compute_resource_policy',
  },
  recomputed: ['label_fingerprint', 'metadata_fingerprint', 'tags_fingerprint'],
  admit: (values, context) => {
    refuseUnusable(values, context);
    for (const nic of interfaces(values)) {
      const wanted = text(nic, 'network_ip');
      const [user] = wanted ? users(wanted, context.world) : [];
      if (user)
        throw new CloudError(
          `Error 400: IP address ${wanted} is already used by '${user}', IP_IN_USE_BY_ANOTHER_RESOURCE`,
        );
      if (wanted && !reserved(wanted, context)) takeAddress(wanted, { ...values, ...nic }, context);
    }
  },
  computed: (values, context) => ({
    instance_id: context.world.nextId(),
    creation_timestamp: context.world.clock.iso(),
    current_status: 'RUNNING',
    cpu_platform: 'Intel Broadwell',
    label_fingerprint: context.world.nextId(),
    metadata_fingerprint: context.world.nextId(),
    tags_fingerprint: context.world.nextId(),
    network_interface: interfaces(values).map((nic, index) => ({
      ...nic,
      name: `nic${index}`,
      network_ip: text(nic, 'network_ip') || freeAddress({ ...values, ...nic }, context),
      network: nic['network'] ?? networkOf({ ...values, ...nic }, context),
      subnetwork_project: nic['subnetwork_project'] ?? text(values, 'project'),
      stack_type: nic['stack_type'] ?? 'IPV4_ONLY',
    })),
    boot_disk: [bootDisk(values, context)],
  }),
  live: (object, context) => ({
    current_status: context.world.data.machines[object.key]?.state === 'stopped' ? 'TERMINATED' : 'RUNNING',
  }),
  made: (_values, context, key) => powerOn(context.world, key),
  change: (_prior, values, context) => refuseUnusable(values, context),
  unmake: (values, context, key) => {
    if (values['deletion_protection'] === true) {
      throw new CloudError(
        `Error 400: Invalid value at 'instance': resource cannot be deleted if it's protected against deletion, ${key}`,
      );
    }
    powerOff(context.world, key);
    const boot = block(values, 'boot_disk');
    if (boot && boot['auto_delete'] !== false) {
      const disk = referredKey('google_compute_disk', text(boot, 'source'), values);
      context.world.remove('google_compute_disk', disk);
      delete context.world.data.disks[disk];
    }
    delete context.world.data.machines[key];
  },
  takes: { create: 'instance creation', update: 'instance update', delete: 'instance deletion' },
});

/** Short names of scopes whose address is not the name itself. Source: `gcloud compute instances create --help`, --scopes. */
const SCOPES: Readonly<Record<string, string>> = {
  'compute-ro': 'compute.readonly',
  'compute-rw': 'compute',
  'logging-write': 'logging.write',
  'monitoring-read': 'monitoring.read',
  'monitoring-write': 'monitoring.write',
  'service-control': 'servicecontrol',
  'service-management': 'service.management.readonly',
  'sql-admin': 'sqlservice.admin',
  'storage-full': 'devstorage.full_control',
  'storage-ro': 'devstorage.read_only',
  'storage-rw': 'devstorage.read_write',
  trace: 'trace.append',
  'trace-append': 'trace.append',
  'trace-ro': 'trace.readonly',
  'userinfo-email': 'userinfo.email',
};

function withScopes(account: Value): Value {
  return isObject(account) ? { ...account, scopes: scopesOf(account['scopes'] ?? null) } : account;
}

/** Scopes by their addresses, as the provider keeps them. */
function scopesOf(scopes: Value): Value {
  if (!Array.isArray(scopes)) return scopes;
  const address = (scope: Value) =>
    typeof scope !== 'string' || scope.includes('/')
      ? scope
      : `https://www.googleapis.com/auth/${SCOPES[scope] ?? scope}`;
  return scopes.map(address).sort((a, b) => String(a).localeCompare(String(b)));
}

function refuseUnusable(values: Values, context: Context): void {
  refuseUnscheduled(values, context);
  const type = MACHINE_TYPES[text(values, 'machine_type')];
  if (!type) {
    throw new CloudError(
      `Error 404: The machine type '${text(values, 'machine_type')}' was not found, notFound`,
      `the sandbox knows ${Object.keys(MACHINE_TYPES).join(', ')}`,
    );
  }
  const disk = diskArchitecture(context.world, values);
  if ((disk === 'ARM64') !== (type.architecture === 'arm64')) {
    throw new CloudError(
      `Error 400: Machine type architecture (${type.architecture}) is not compatible with the boot disk's (${disk}), badRequest`,
    );
  }
  const account = text(block(values, 'service_account') ?? {}, 'email');
  const known = context.world.list('google_service_account').some((one) => one.values['email'] === account);
  if (account.includes('@') && !account.includes('-compute@developer') && !known) {
    throw new CloudError(`Error 400: The resource '${account}' of type 'serviceAccount' was not found, badRequest`);
  }
}

/** The boot disk as it is attached; one that the instance asks for itself is made here, and carries its name. */
function bootDisk(values: Values, context: Context): Values {
  const boot = block(values, 'boot_disk') ?? {};
  const attached = {
    ...boot,
    device_name: text(boot, 'device_name') || 'persistent-disk-0',
  };
  const wanted = block(boot, 'initialize_params');
  if (text(boot, 'source') || !wanted) return attached;
  const key = `projects/${text(values, 'project')}/zones/${text(values, 'zone')}/disks/${text(values, 'name')}`;
  const made = makeDisk(
    key,
    { ...wanted, name: text(values, 'name'), project: values['project'] ?? null, zone: values['zone'] ?? null },
    context,
  );
  return {
    ...attached,
    source: text(made, 'self_link'),
    initialize_params: [{ ...wanted, size: made['size'] ?? null, type: made['type'] ?? 'pd-standard' }],
  };
}

function interfaces(values: Values): Values[] {
  return (values['network_interface'] as Values[] | null) ?? [];
}

function reserved(wanted: string, context: Context): boolean {
  return context.world.list('google_compute_address').some((one) => one.values['address'] === wanted);
}

function networkOf(values: Values, context: Context): string | null {
  const key = referredKey('google_compute_subnetwork', text(values, 'subnetwork'), values);
  const subnet = subnetOf(values, context) && context.world.get('google_compute_subnetwork', key);
  return subnet ? text(subnet.values as Values, 'network') : null;
}
