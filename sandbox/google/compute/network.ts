import type { Context } from '../../protocol/behaviour';
import type { Values } from '../../protocol/values';
import { invalidField } from '../cloud-error';
import { referredKey } from '../references';
import { defineResource } from '../resource';
import { text } from '../values';

/** Bytes of a packet that Compute Engine takes. Source: its page on MTU. */
const MTU = { least: 1300, most: 8896 };

/** A VPC network. Each project has one named `default`, in auto mode, until it is deleted. */
export const network = defineResource({
  type: 'google_compute_network',
  validateCreate: (values) => {
    const mtu = Number(values['mtu'] ?? 0);
    if (mtu !== 0 && (mtu < MTU.least || mtu > MTU.most)) {
      throw invalidField('resource.mtu', mtu, `Must be between ${MTU.least} and ${MTU.most}`);
    }
  },
  computed: (_values, context) => ({ network_id: context.world.nextId(), gateway_ipv4: '', numeric_id: '' }),
  durations: { create: 'network operation', delete: 'network operation' },
});

/** A firewall rule. */
export const firewall = defineResource({
  type: 'google_compute_firewall',
  computed: (values, context) => ({
    creation_timestamp: context.world.clock.iso(),
    direction: values['direction'] ?? 'INGRESS',
  }),
  durations: { create: 'firewall operation', update: 'firewall operation', delete: 'firewall operation' },
});

/** A cloud router. */
export const router = defineResource({
  type: 'google_compute_router',
  computed: (_values, context) => ({ creation_timestamp: context.world.clock.iso() }),
  durations: { create: 'router operation', update: 'router operation', delete: 'router operation' },
});

/** A NAT gateway on a router. */
export const routerNat = defineResource({
  type: 'google_compute_router_nat',
  validateCreate: (values, context, key) => {
    refuseSecondNat(values, context, key);
    if (text(values, 'nat_ip_allocate_option') === 'MANUAL_ONLY' && !listed(values, 'nat_ips')) {
      throw invalidField(
        'resource.nats[0].natIps',
        '',
        'At least one NAT IP must be specified when natIpAllocateOption is MANUAL_ONLY',
      );
    }
  },
  computed: (values) => ({
    id: `${text(values, 'project')}/${text(values, 'region')}/${text(values, 'router')}/${text(values, 'name')}`,
  }),
  durations: { create: 'router operation', update: 'router operation', delete: 'router operation' },
});

/** Of the NAT gateways of a network in a region one may serve all subnets, and then there is no other. */
function refuseSecondNat(values: Values, { world }: Context, key: string): void {
  const networkOf = (nat: Values) => {
    const routing = world.get('google_compute_router', referredKey('google_compute_router', text(nat, 'router'), nat));
    const routed = routing?.values as Values | undefined;
    return routed && `${referredKey('google_compute_network', text(routed, 'network'), routed)} ${text(nat, 'region')}`;
  };
  const servesAll = (nat: Values) => text(nat, 'source_subnetwork_ip_ranges_to_nat').startsWith('ALL_SUBNETWORKS');
  const other = world.list('google_compute_router_nat').find((nat) => {
    const theirs = nat.values as Values;
    const conflicts = servesAll(values) || servesAll(theirs);
    return nat.key !== key && conflicts && networkOf(theirs) === networkOf(values);
  });
  if (!other) return;
  throw invalidField(
    'resource.nats[0].sourceSubnetworkIpRangesToNat',
    text(values, 'source_subnetwork_ip_ranges_to_nat'),
    `NAT '${text(other.values as Values, 'name')}' already applies to all subnetworks of this network and region`,
  );
}

function listed(values: Values, name: string): boolean {
  const value = values[name];
  return Array.isArray(value) && value.length > 0;
}
