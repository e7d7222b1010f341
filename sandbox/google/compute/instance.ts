import { CloudError, type Context } from '../../protocol/behaviour';
import type { Values } from '../../protocol/values';
import { block, computeName, defineResource, matching, oneOf, referredKey, rules, text } from '../resource';
import { refuseUnscheduled } from '../scheduler';
import { diskArchitecture, makeDisk } from './disk';
import { MACHINE_TYPES, powerOff, powerOn } from './machine';
import { freeAddress, subnetOf, takeAddress, users } from './network';

/** A VM. Booting it is its machine's business. */
export const instance = defineResource({
  type: 'google_compute_instance',
  noun: 'instance',
  key: 'projects/{project}/zones/{zone}/instances/{name}',
  arguments: {
    name: computeName,
    machine_type: 'stop',
    allow_stopping_for_update: 'in-place',
    can_ip_forward: 'in-place',
    deletion_protection: 'in-place',
    description: 'replace',
    desired_status: oneOf('in-place', 'RUNNING', 'TERMINATED', 'SUSPENDED'),
    hostname: matching('replace', /^[a-z][-a-z0-9]*(\.[-a-z0-9]+)+$/, 'a fully qualified domain name'),
    labels: 'in-place',
    metadata: 'in-place',
    metadata_startup_script: 'replace',
    min_cpu_platform: 'stop',
    resource_policies: 'in-place',
    tags: 'in-place',
    'boot_disk.source': 'replace',
    'boot_disk.auto_delete': 'in-place',
    'boot_disk.device_name': 'replace',
    'boot_disk.mode': 'replace',
    'boot_disk.initialize_params': 'replace',
    attached_disk: 'in-place',
    ...rules('replace', 'network_interface.network', 'network_interface.subnetwork', 'network_interface.network_ip'),
    'network_interface.access_config': 'in-place',
    ...rules('replace', 'scheduling.preemptible', 'scheduling.provisioning_model'),
    ...rules('in-place', 'scheduling.automatic_restart', 'scheduling.on_host_maintenance'),
    'scheduling.instance_termination_action': oneOf('in-place', 'STOP', 'DELETE'),
    ...rules('stop', 'service_account.email', 'service_account.scopes', 'shielded_instance_config'),
  },
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
