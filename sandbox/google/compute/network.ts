import { type ArgumentRule, CloudError, type Context } from '../../protocol/behaviour';
import type { Values } from '../../protocol/values';
import type { World } from '../../world';
import { computeName, defineResource, oneOf, referred, referredKey, rules, text } from '../resource';
import { formatAddress, overlap, parseAddress, parseRange } from './address-range';

const range: ArgumentRule = {
  change: 'replace',
  check: (value) =>
    typeof value === 'string' && !parseRange(value)
      ? `invalid CIDR address: "${value}": must be a range such as 10.0.0.0/24 without host bits`
      : undefined,
};

/** A VPC network. */
export const network = defineResource({
  type: 'google_compute_network',
  noun: 'network',
  key: 'projects/{project}/global/networks/{name}',
  arguments: {
    name: computeName,
    auto_create_subnetworks: 'replace',
    routing_mode: oneOf('in-place', 'REGIONAL', 'GLOBAL'),
    mtu: 'replace',
    description: 'replace',
    delete_default_routes_on_create: 'replace',
    network_firewall_policy_enforcement_order: 'in-place',
  },
  computed: (_values, context) => ({ network_id: context.world.nextId(), gateway_ipv4: '', numeric_id: '' }),
  takes: { create: 'network operation', delete: 'network operation' },
});

/** A subnet. Its range overlaps no other of its network. */
export const subnetwork = defineResource({
  type: 'google_compute_subnetwork',
  noun: 'subnetwork',
  key: 'projects/{project}/regions/{region}/subnetworks/{name}',
  arguments: {
    name: computeName,
    network: 'replace',
    ip_cidr_range: range,
    private_ip_google_access: 'in-place',
    description: 'replace',
    purpose: 'replace',
    role: 'in-place',
    stack_type: 'in-place',
    ...rules('in-place', 'log_config', 'secondary_ip_range'),
  },
  refers: { network: 'google_compute_network' },
  recomputed: ['fingerprint'],
  admit: (values, context) => {
    const wanted = parseRange(text(values, 'ip_cidr_range'));
    const key = referredKey('google_compute_network', text(values, 'network'), values);
    for (const other of context.world.list('google_compute_subnetwork')) {
      const theirs = other.values as Values;
      const taken = parseRange(text(theirs, 'ip_cidr_range'));
      const sameNetwork = referredKey('google_compute_network', text(theirs, 'network'), theirs) === key;
      if (sameNetwork && wanted && taken && overlap(wanted, taken)) {
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
  arguments: {
    name: computeName,
    network: 'replace',
    direction: { ...oneOf('replace', 'INGRESS', 'EGRESS') },
    priority: 'in-place',
    description: 'in-place',
    disabled: 'in-place',
    ...rules(
      'in-place',
      'allow',
      'deny',
      'log_config',
      'source_ranges',
      'destination_ranges',
      'source_tags',
      'target_tags',
    ),
    ...rules('in-place', 'source_service_accounts', 'target_service_accounts'),
  },
  refers: { network: 'google_compute_network' },
  admit: (values) => {
    const open = !(values['allow'] as unknown[] | null)?.length;
    if (open && !(values['deny'] as unknown[] | null)?.length) {
      throw new CloudError("Error 400: Invalid value for field 'resource': one of allow or deny is needed, invalid");
    }
  },
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
  arguments: {
    name: computeName,
    address: 'replace',
    address_type: oneOf('replace', 'INTERNAL', 'EXTERNAL'),
    subnetwork: 'replace',
    purpose: 'replace',
    description: 'replace',
    network_tier: 'replace',
    labels: 'in-place',
  },
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
  arguments: { name: computeName, network: 'replace', description: 'in-place', bgp: 'in-place' },
  refers: { network: 'google_compute_network' },
  computed: (_values, context) => ({ creation_timestamp: context.world.clock.iso() }),
  takes: { create: 'router operation', update: 'router operation', delete: 'router operation' },
});

/** A NAT gateway on a router. */
export const routerNat = defineResource({
  type: 'google_compute_router_nat',
  noun: 'nat',
  key: 'projects/{project}/regions/{region}/routers/{router}/nats/{name}',
  arguments: {
    name: computeName,
    router: 'replace',
    nat_ip_allocate_option: oneOf('in-place', 'AUTO_ONLY', 'MANUAL_ONLY'),
    source_subnetwork_ip_ranges_to_nat: oneOf(
      'in-place',
      'ALL_SUBNETWORKS_ALL_IP_RANGES',
      'ALL_SUBNETWORKS_ALL_PRIMARY_IP_RANGES',
      'LIST_OF_SUBNETWORKS',
    ),
    ...rules('in-place', 'nat_ips', 'log_config', 'subnetwork', 'min_ports_per_vm', 'max_ports_per_vm'),
    enable_endpoint_independent_mapping: 'in-place',
  },
  refers: { router: 'google_compute_router' },
  computed: (values) => ({
    id: `${text(values, 'project')}/${text(values, 'region')}/${text(values, 'router')}/${text(values, 'name')}`,
  }),
  takes: { create: 'router operation', update: 'router operation', delete: 'router operation' },
});

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
