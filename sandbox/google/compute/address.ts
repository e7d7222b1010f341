import type { Context } from '../../protocol/behaviour';
import type { Values } from '../../protocol/values';
import type { CloudObject, World } from '../../world';
import { CloudError, inUse } from '../cloud-error';
import { referredKey } from '../references';
import { defineResource } from '../resource';
import { lastOf, text } from '../values';
import { formatAddress, parseAddress, parseRange } from './address-range';
import { subnetOf } from './subnetwork';

/** Where simulated external addresses come from. Source: RFC 5737, addresses for documentation. */
const EXTERNAL = ['203.0.113.0/24', '198.51.100.0/24', '192.0.2.0/24'];

/** A reserved address, internal or external. */
export const address = defineResource({
  type: 'google_compute_address',
  recomputed: ['label_fingerprint'],
  computed: (values, context) => {
    const isInternal = text(values, 'address_type') === 'INTERNAL';
    const free = () =>
      isInternal || text(values, 'subnetwork') ? freeAddress(values, context) : freeExternal(context.world);
    return {
      address: text(values, 'address') || free(),
      creation_timestamp: context.world.clock.iso(),
      label_fingerprint: context.world.nextId(),
      network_tier: values['network_tier'] ?? (isInternal ? null : 'PREMIUM'),
      purpose: values['purpose'] ?? (isInternal ? 'GCE_ENDPOINT' : null),
      users: [],
    };
  },
  live: (object, context) => ({ users: usersOf(object.values as Values, context.world) }),
  validateCreate: (values, context) => {
    const wanted = text(values, 'address');
    if (wanted && subnetOf(values, context)) takeAddress(wanted, values, context);
  },
  beforeDelete: (values, context, key) => {
    const [user] = usersOf(values, context.world);
    if (user) {
      throw inUse('address', key, user);
    }
  },
  durations: { create: 'address operation', update: 'address operation', delete: 'address operation' },
});

/** Refuses an address that is outside the subnet or in use. */
export function takeAddress(wanted: string, values: Values, context: Context): void {
  const subnet = subnetOf(values, context);
  const number = parseAddress(wanted);
  if (subnet && (number === undefined || number < subnet.first + 2 || number >= subnet.last)) {
    throw new CloudError({
      status: 400,
      reason: 'badRequest',
      message: `Requested internal IP address ${wanted} is not in the range ${subnet.text}`,
    });
  }
  const user = users(wanted, values, context.world)[0] ?? reservations(wanted, values, context.world)[0]?.key;
  if (user) {
    throw new CloudError({
      status: 400,
      reason: 'badRequest',
      message: `Specified IP address is in-use and would result in a conflict: ${wanted} (${user})`,
    });
  }
}

/** The first free address of the subnet. */
export function freeAddress(values: Values, context: Context): string {
  const subnet = subnetOf(values, context);
  if (!subnet)
    throw new CloudError({
      status: 400,
      reason: 'badRequest',
      message: 'An internal address needs a subnetwork, or a network in auto mode',
    });
  for (let number = subnet.first + 2; number < subnet.last; number++) {
    const candidate = formatAddress(number);
    const isTaken = users(candidate, values, context.world).length > 0;
    if (!isTaken && reservations(candidate, values, context.world).length === 0) return candidate;
  }
  throw new CloudError({
    status: 400,
    reason: 'IP_SPACE_EXHAUSTED',
    message: `IP space of ${subnet.text} is exhausted`,
  });
}

/** A free external address. */
export function freeExternal(world: World): string {
  const reserved = new Set(world.list('google_compute_address').map(({ values }) => values['address']));
  for (const range of EXTERNAL.flatMap((text) => parseRange(text) ?? [])) {
    for (let number = range.first + 1; number < range.last; number++) {
      const candidate = formatAddress(number);
      if (!reserved.has(candidate) && externalUsers(candidate, world).length === 0) return candidate;
    }
  }
  throw new CloudError({ status: 403, reason: 'quotaExceeded', message: "Quota 'IN_USE_ADDRESSES' exceeded." });
}

/**
 * Refuses an external address that is not reserved in the region of a VM, or that another has.
 *
 * @throws {CloudError} with the message of Compute Engine.
 */
export function takeExternal(wanted: string, region: string, key: string, world: World): void {
  const field = "Invalid value for field 'resource.networkInterfaces[0].accessConfigs[0].natIP'";
  const known = world.list('google_compute_address').find(({ values }) => values['address'] === wanted);
  if (!known || lastOf(String(known.values['region'])) !== region) {
    throw new CloudError({
      status: 400,
      reason: 'invalid',
      message: `${field}: '${wanted}'. The specified external IP address '${wanted}' was not found in region '${region}'.`,
    });
  }
  if (externalUsers(wanted, world).some((user) => user !== key)) {
    throw new CloudError({
      status: 400,
      reason: 'invalid',
      message: `External IP address: ${wanted} is already in-use.`,
    });
  }
}

/** Keys of the instances that have this internal address, in the network of these attributes. */
export function users(wanted: string, values: Values, world: World): string[] {
  const own = networkOf(values, world);
  const has = (instance: CloudObject) =>
    interfacesOf(instance).some((nic) => {
      if (nic['network_ip'] !== wanted) return false;
      const other = networkOf({ ...(instance.values as Values), ...nic }, world);
      return !own || !other || own === other;
    });
  return world.list('google_compute_instance').flatMap((instance) => (has(instance) ? [instance.key] : []));
}

/** Reservations of an internal address, in the network of these attributes. */
export function reservations(wanted: string, values: Values, world: World): CloudObject[] {
  const own = networkOf(values, world);
  return world.list('google_compute_address').filter((other) => {
    if (other.values['address'] !== wanted) return false;
    const theirs = networkOf(other.values as Values, world);
    return !own || !theirs || own === theirs;
  });
}

function usersOf(reservation: Values, world: World): string[] {
  const wanted = text(reservation, 'address');
  return [...users(wanted, reservation, world), ...externalUsers(wanted, world)];
}

function externalUsers(wanted: string, world: World): string[] {
  const has = (nic: Values) =>
    ((nic['access_config'] as Values[] | null) ?? []).some(({ nat_ip }) => nat_ip === wanted);
  return world.list('google_compute_instance').flatMap((vm) => (interfacesOf(vm).some(has) ? [vm.key] : []));
}

function interfacesOf({ values }: CloudObject): Values[] {
  return (values['network_interface'] as Values[] | undefined) ?? [];
}

/** Key of the network of a subnet or of what is in one. */
function networkOf(values: Values, world: World): string | undefined {
  const subnet = text(values, 'subnetwork');
  const key = subnet && referredKey('google_compute_subnetwork', subnet, values);
  const found = key ? (world.get('google_compute_subnetwork', key)?.values as Values | undefined) : undefined;
  const network = text(found ?? values, 'network');
  return network ? referredKey('google_compute_network', network, found ?? values) : undefined;
}
