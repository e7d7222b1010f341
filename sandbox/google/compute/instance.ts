import type { Context } from '../../protocol/behaviour';
import { equal, type Values } from '../../protocol/values';
import type { CloudObject } from '../../world';
import { CloudError, invalidField } from '../cloud-error';
import { find, referred, referredKey } from '../references';
import { defineResource } from '../resource';
import { block, lastOf, regionOf, rules, text } from '../values';
import { freeAddress, freeExternal, reservations, takeAddress, users } from './address';
import { makeDisk } from './disk';
import { refuseUnusable } from './instance-admission';
import { powerOff, powerOn } from './machine';
import { scopesOf, withScopes } from './scopes';

/** What the provider only changes on a stopped instance. Source: google 6.50.0, allow_stopping_for_update. */
const WHILE_STOPPED = [
  'machine_type',
  'min_cpu_platform',
  'enable_display',
  'service_account',
  'shielded_instance_config',
] as const;

/** A VM. Booting it is its machine's business. */
export const instance = defineResource({
  type: 'google_compute_instance',
  placed: 'project and place',
  arguments: {
    ...rules('stop', ...WHILE_STOPPED),
    ...rules('stop', 'network_interface.network', 'network_interface.subnetwork'),
    'service_account.scopes': { same: (before, after) => equal(scopesOf(before), scopesOf(after)) },
    'network_interface.access_config': 'in-place',
    'network_interface.alias_ip_range': 'in-place',
    // By a CustomizeDiff of the provider, which a table does not show.
    metadata_startup_script: 'replace',
  },
  known: ({ service_account: accounts }): Values =>
    Array.isArray(accounts) ? { service_account: accounts.map(withScopes) } : {},
  recomputed: ['label_fingerprint', 'metadata_fingerprint', 'tags_fingerprint'],
  validateCreate: (values, context, key) => {
    refuseUnusable(values, context, key);
    for (const each of interfaces(values)) {
      const nic = { ...values, ...subnetted(each, values, context) };
      const wanted = text(nic, 'network_ip');
      const [user] = wanted ? users(wanted, nic, context.world) : [];
      if (user)
        throw new CloudError({
          status: 400,
          reason: 'IP_IN_USE_BY_ANOTHER_RESOURCE',
          message: `IP address ${wanted} is already used by '${user}'`,
        });
      if (wanted && reservations(wanted, nic, context.world).length === 0) takeAddress(wanted, nic, context);
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
    network_interface: interfaces(values).map((each, index) => ({
      ...interfaceOf(subnetted(each, values, context), values, context),
      name: `nic${index}`,
    })),
    boot_disk: [bootDisk(values, context)],
  }),
  live: (object, context) => ({
    current_status: context.world.data.machines[object.key]?.state === 'stopped' ? 'TERMINATED' : 'RUNNING',
  }),
  afterCreate: (_values, context, key) => powerOn(context.world, key),
  beforeUpdate: (prior, values, context, key) => {
    refuseUnusable(values, context, key);
    // What came without an address, or moved, gets one.
    values['network_interface'] = interfaces(values).map((each) =>
      interfaceOf(subnetted(each, values, context), values, context),
    );
    if (!changesWhileStopped(prior, values) || context.world.data.machines[key]?.state === 'stopped') return;
    restarting.add(values);
    powerOff(context.world, key);
  },
  afterUpdate: (values, context, key) => {
    if (restarting.delete(values)) powerOn(context.world, key);
  },
  beforeDelete: (values, context, key) => {
    if (values['deletion_protection'] === true) {
      throw new CloudError({
        status: 400,
        message: `Invalid value at 'instance': resource cannot be deleted if it's protected against deletion, ${key}`,
      });
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
  durations: { create: 'instance creation', update: 'instance update', delete: 'instance deletion' },
});

/** Values of running instances that the provider stops for their update, and starts again. */
const restarting = new WeakSet<Values>();

function changesWhileStopped(prior: Values, values: Values): boolean {
  return WHILE_STOPPED.some((name) => JSON.stringify(prior[name] ?? null) !== JSON.stringify(values[name] ?? null));
}

/** The boot disk as it is attached; one that the instance describes is created here, and has its name. */
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

/** A network interface with what Compute Engine fills in. */
function interfaceOf(nic: Values, values: Values, context: Context): Values {
  const configs = (nic['access_config'] as Values[] | null) ?? [];
  return {
    ...nic,
    network_ip: text(nic, 'network_ip') || freeAddress({ ...values, ...nic }, context),
    subnetwork_project: nic['subnetwork_project'] ?? text(values, 'project'),
    stack_type: nic['stack_type'] ?? 'IPV4_ONLY',
    access_config: configs.map((config) => ({
      ...config,
      nat_ip: text(config, 'nat_ip') || freeExternal(context.world),
      network_tier: config['network_tier'] ?? 'PREMIUM',
    })),
  };
}

/** An interface with its network and its subnet, of which the configuration gives one or both. @throws CloudError */
function subnetted(nic: Values, values: Values, { world }: Context): Values {
  const region = regionOf(text(values, 'zone'));
  const own = { ...values, region };
  if (text(nic, 'subnetwork')) {
    const subnet = referred(world, 'google_compute_subnetwork', nic['subnetwork'], own);
    if (subnet && lastOf(String(subnet.values['region'])) !== region) {
      throw invalidField(
        'resource.networkInterfaces[0].subnetwork',
        text(nic, 'subnetwork'),
        `Subnetwork must be in region '${region}' of the instance's zone`,
      );
    }
    return { ...nic, network: nic['network'] ?? (subnet ? text(subnet.values as Values, 'network') : null) };
  }
  const key = referredKey('google_compute_network', text(nic, 'network') || 'default', own);
  const network = find(world, 'google_compute_network', key);
  const name = key.split('/').at(-1) ?? '';
  const subnet = find(
    world,
    'google_compute_subnetwork',
    key.replace(/global\/.*/, `regions/${region}/subnetworks/${name}`),
  );
  if (!network || !subnet) {
    throw invalidField(
      'resource.networkInterfaces[0].subnetwork',
      '',
      'Network interface must specify a subnet if the network resource is in custom subnet mode.',
    );
  }
  const link = (object: CloudObject) => text(object.values as Values, 'self_link');
  return { ...nic, network: link(network), subnetwork: link(subnet) };
}
