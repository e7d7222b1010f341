import type { Values } from '../../protocol/values';
import type { CloudObject, World } from '../../world';
import { users as addressUsers } from '../compute/address';
import { referredKey } from '../references';
import type { GoogleType } from '../resource-types';
import { block, text } from '../values';
import { selfLink } from './operations';

/** Turns what terraform calls an address, an instance, a disk or a snapshot into what the Compute API shows of it. */
export const TO_REST = {
  addresses: { type: 'google_compute_address', convert: address },
  instances: { type: 'google_compute_instance', convert: instance },
  disks: { type: 'google_compute_disk', convert: disk },
  snapshots: { type: 'google_compute_snapshot', convert: snapshot },
} as const;

/** A collection of the Compute API that the sandbox serves. */
export type Collection = keyof typeof TO_REST;

function instance(world: World, { key, values: attributes }: CloudObject): Record<string, unknown> {
  const values = attributes as Values;
  const machine = world.data.machines[key];
  const boot = block(values, 'boot_disk');
  const [account] = list(values['service_account']);
  return {
    kind: 'compute#instance',
    id: values['instance_id'],
    ...common(key, values),
    status: machine ? (machine.state === 'stopped' ? 'TERMINATED' : 'RUNNING') : 'PROVISIONING',
    machineType: selfLink(`${key.replace(/\/instances\/.*/, '')}/machineTypes/${text(values, 'machine_type')}`),
    tags: { items: values['tags'] ?? [], fingerprint: values['tags_fingerprint'] },
    metadata: {
      items: Object.entries((values['metadata'] as Values | null) ?? {}).map(([name, value]) => ({ key: name, value })),
      fingerprint: values['metadata_fingerprint'],
    },
    networkInterfaces: list(values['network_interface']).map((nic) => ({
      name: nic['name'],
      network: link('google_compute_network', text(nic, 'network'), values),
      subnetwork: link('google_compute_subnetwork', text(nic, 'subnetwork'), values),
      networkIP: nic['network_ip'],
      accessConfigs: list(nic['access_config']).map((access) => ({ natIP: access['nat_ip'] })),
    })),
    disks: boot && [
      {
        boot: true,
        source: link('google_compute_disk', text(boot, 'source'), values),
        autoDelete: boot['auto_delete'] ?? true,
        deviceName: boot['device_name'],
      },
    ],
    resourcePolicies: ((values['resource_policies'] as string[] | null) ?? []).map((policy) =>
      link('google_compute_resource_policy', policy, values),
    ),
    serviceAccounts: account && [{ email: account['email'], scopes: account['scopes'] }],
  };
}

function disk(world: World, { key, values: attributes }: CloudObject): Record<string, unknown> {
  const values = attributes as Values;
  const users = world.list('google_compute_instance').filter((user) => {
    const source = text(block(user.values as Values, 'boot_disk') ?? {}, 'source');
    return source !== '' && referredKey('google_compute_disk', source, user.values as Values) === key;
  });
  return {
    kind: 'compute#disk',
    id: values['disk_id'],
    ...common(key, values),
    status: world.data.disks[key] ? 'READY' : 'CREATING',
    sizeGb: String(values['size']),
    type: selfLink(`${key.replace(/\/disks\/.*/, '')}/diskTypes/${text(values, 'type')}`),
    sourceImage: text(values, 'image') || undefined,
    sourceSnapshot: link('google_compute_snapshot', text(values, 'snapshot'), values),
    sourceSnapshotId: text(values, 'source_snapshot_id') || undefined,
    users: users.map((user) => selfLink(user.key)),
  };
}

function snapshot(_world: World, { key, values: attributes, hidden }: CloudObject): Record<string, unknown> {
  const values = attributes as Values;
  return {
    kind: 'compute#snapshot',
    id: String(values['snapshot_id']),
    ...common(key, values),
    status: text(values, 'status') || 'READY',
    diskSizeGb: String(values['disk_size_gb']),
    sourceDisk: link('google_compute_disk', text(values, 'source_disk'), values),
    sourceDiskId: hidden?.sourceDiskId,
    storageBytes: String(values['storage_bytes']),
    storageLocations: values['storage_locations'],
    architecture: hidden?.guestArchitecture,
  };
}

function address(world: World, { key, values: attributes }: CloudObject): Record<string, unknown> {
  const values = attributes as Values;
  const internal = text(values, 'address_type') === 'INTERNAL';
  const users = internal ? addressUsers(text(values, 'address'), values, world) : [];
  return {
    kind: 'compute#address',
    id: values['address_id'],
    ...common(key, values),
    address: values['address'],
    addressType: values['address_type'],
    status: users.length > 0 ? 'IN_USE' : 'RESERVED',
    users: users.map(selfLink),
  };
}

function common(key: string, values: Values): Record<string, unknown> {
  const zone = /^projects\/[^/]+\/zones\/[^/]+/.exec(key)?.[0];
  return {
    name: text(values, 'name'),
    description: text(values, 'description') || undefined,
    selfLink: selfLink(key),
    zone: zone && selfLink(zone),
    creationTimestamp: values['creation_timestamp'],
    labels: values['effective_labels'] ?? values['labels'] ?? {},
    labelFingerprint: values['label_fingerprint'],
  };
}

function link(type: GoogleType, reference: string, values: Values): string | undefined {
  return reference ? selfLink(referredKey(type, reference, values)) : undefined;
}

function list(value: Values[string] | undefined): Values[] {
  return Array.isArray(value) ? (value as Values[]) : [];
}
