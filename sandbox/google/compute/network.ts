import { CloudError, type Context } from '../../protocol/behaviour';
import type { Value, Values } from '../../protocol/values';
import type { World } from '../../world';
import { defineResource, referred, referredKey, text } from '../resource';
import { formatAddress, overlap, parseAddress, parseRange } from './address-range';

/** A VPC network. */
export const network = defineResource({
  type: 'google_compute_network',
  noun: 'network',
  key: 'projects/{project}/global/networks/{name}',
  computed: (_values, context) => ({ network_id: context.world.nextId(), gateway_ipv4: '', numeric_id: '' }),
  takes: { create: 'network operation', delete: 'network operation' },
});

/** A subnet. Its range overlaps no other of its network. */
export const subnetwork = defineResource({
  type: 'google_compute_subnetwork',
  noun: 'subnetwork',
  key: 'projects/{project}/regions/{region}/subnetworks/{name}',
  arguments: {
    // ForceNewIfChange("ip_cidr_range", IsShrinkageIpCidr): a range grows in place. Source: google 6.50.0.
    ip_cidr_range: { change: (before, after) => (contains(after, before) ? 'in-place' : 'replace') },
  },
  refers: { network: 'google_compute_network' },
  recomputed: ['fingerprint'],
  admit: (values, context) => {
    const wanted = parseRange(text(values, 'ip_cidr_range'));
    if (!wanted) {
      throw new CloudError(
        `Error 400: Invalid value for field 'resource.ipCidrRange': '${text(values, 'ip_cidr_range')}'. Must be an address range without host bits, such as 10.0.0.0/24, invalid`,
      );
    }
    const key = referredKey('google_compute_network', text(values, 'network'), values);
    for (const other of context.world.list('google_compute_subnetwork')) {
      const theirs = other.values as Values;
      const taken = parseRange(text(theirs, 'ip_cidr_range'));
      const sameNetwork = referredKey('google_compute_network', text(theirs, 'network'), theirs) === key;
      if (sameNetwork && taken && overlap(wanted, taken)) {
        throw new CloudError(
          `Error 400: Invalid IPCidrRange: ${wanted.text} conflicts with existing subnetwork '${text(theirs, 'name')}' in region '${text(theirs, 'region')}', badRequest`,
        );
      }
    }
  },
  computed: (values, context) => {
    const cidr = parseRange(text(values, 'ip_cidr_range'));
    return {
      subnetwork_id: Number(context.world.nextId().slice(-9)),
      creation_timestamp: context.world.clock.iso(),
      gateway_address: cidr ? formatAddress(cidr.first + 1) : null,
      fingerprint: context.world.nextId(),
    };
  },
  takes: { create: 'subnetwork operation', delete: 'subnetwork operation' },
});

/** A firewall rule. */
export const firewall = defineResource({
  type: 'google_compute_firewall',
  noun: 'firewall',
  key: 'projects/{project}/global/firewalls/{name}',
  refers: { network: 'google_compute_network' },
  computed: (values, context) => ({
    creation_timestamp: context.world.clock.iso(),
    direction: values['direction'] ?? 'INGRESS',
  }),
  takes: { create: 'firewall operation', update: 'firewall operation', delete: 'firewall operation' },
});

/** A reserved address, internal or external. */
export const address = defineResource({
  type: 'google_compute_address',
  noun: 'address',
  key: 'projects/{project}/regions/{region}/addresses/{name}',
  refers: { subnetwork: 'google_compute_subnetwork' },
  recomputed: ['label_fingerprint'],
  computed: (values, context) => ({
    address: text(values, 'address') || freeAddress(values, context),
    creation_timestamp: context.world.clock.iso(),
    label_fingerprint: context.world.nextId(),
    network_tier: values['network_tier'] ?? (text(values, 'address_type') === 'INTERNAL' ? null : 'PREMIUM'),
    purpose: values['purpose'] ?? (text(values, 'address_type') === 'INTERNAL' ? 'GCE_ENDPOINT' : null),
    users: [],
  }),
  live: (object, context) => ({ users: users(text(object.values as Values, 'address'), context.world) }),
  admit: (values, context) => {
    const wanted = text(values, 'address');
    if (wanted && subnetOf(values, context)) takeAddress(wanted, values, context);
  },
  unmake: (values, context, key) => {
    const [user] = users(text(values, 'address'), context.world);
    if (user) {
      throw new CloudError(
        `Error 400: The address resource '${key}' is already being used by '${user}', resourceInUseByAnotherResource`,
      );
    }
  },
  takes: { create: 'address operation', update: 'address operation', delete: 'address operation' },
});

/** A cloud router. */
export const router = defineResource({
  type: 'google_compute_router',
  noun: 'router',
  key: 'projects/{project}/regions/{region}/routers/{name}',
  refers: { network: 'google_compute_network' },
  computed: (_values, context) => ({ creation_timestamp: context.world.clock.iso() }),
  takes: { create: 'router operation', update: 'router operation', delete: 'router operation' },
});

/** A NAT gateway on a router. */
export const routerNat = defineResource({
  type: 'google_compute_router_nat',
  noun: 'nat',
  key: 'projects/{project}/regions/{region}/routers/{router}/nats/{name}',
  refers: { router: 'google_compute_router' },
  computed: (values) => ({
    id: `${text(values, 'project')}/${text(values, 'region')}/${text(values, 'router')}/${text(values, 'name')}`,
  }),
  takes: { create: 'router operation', update: 'router operation', delete: 'router operation' },
});

/** Whether a range holds another; false where one of them is not known. */
function contains(outer: Value, inner: Value): boolean {
  const [large, small] = [parseRange(String(outer)), parseRange(String(inner))];
  return !!large && !!small && large.first <= small.first && small.last <= large.last;
}

/** The range of the subnet that these attributes name. */
export function subnetOf(values: Values, context: Context): ReturnType<typeof parseRange> {
  const subnet = referred(context.world, 'google_compute_subnetwork', values['subnetwork'], values);
  return subnet && parseRange(text(subnet.values as Values, 'ip_cidr_range'));
}

/** Refuses an address that lies outside the subnet or belongs to somebody else. */
export function takeAddress(wanted: string, values: Values, context: Context): void {
  const subnet = subnetOf(values, context);
  const number = parseAddress(wanted);
  if (subnet && (number === undefined || number < subnet.first + 2 || number >= subnet.last)) {
    throw new CloudError(
      `Error 400: Requested internal IP address ${wanted} is not in the range ${subnet.text}, badRequest`,
    );
  }
  const [user] = users(wanted, context.world);
  const reserved = reservations(context.world, wanted);
  if (user || reserved) {
    throw new CloudError(
      `Error 400: Specified IP address is in-use and would result in a conflict: ${wanted} (${user ?? reserved}), badRequest`,
    );
  }
}

/** The first address of the subnet that nobody has; a made-up public one where there is no subnet. */
export function freeAddress(values: Values, context: Context): string {
  const subnet = subnetOf(values, context);
  if (!subnet) return `203.0.113.${(Number(context.world.nextId().slice(-3)) % 250) + 2}`;
  for (let number = subnet.first + 2; number < subnet.last; number++) {
    const candidate = formatAddress(number);
    if (users(candidate, context.world).length === 0 && !reservations(context.world, candidate)) return candidate;
  }
  throw new CloudError(`Error 400: IP space of ${subnet.text} is exhausted, IP_SPACE_EXHAUSTED`);
}

/** Keys of the instances that have this address. */
export function users(wanted: string, world: World): string[] {
  return world
    .list('google_compute_instance')
    .filter((instance) => {
      const interfaces = (instance.values['network_interface'] as Values[] | undefined) ?? [];
      return interfaces.some((nic) => nic['network_ip'] === wanted);
    })
    .map((instance) => instance.key);
}

function reservations(world: World, wanted: string): string | undefined {
  return world.list('google_compute_address').find((other) => other.values['address'] === wanted)?.key;
}
