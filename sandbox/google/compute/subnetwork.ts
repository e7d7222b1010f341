import type { Context } from '../../protocol/behaviour';
import type { Value, Values } from '../../protocol/values';
import { CloudError } from '../cloud-error';
import { find, referred, referredKey } from '../references';
import { defineResource } from '../resource';
import { lastOf, text } from '../values';
import { type AddressRange, formatAddress, overlap, parseRange } from './address-range';

/** Ranges that no subnet may have. Source: VPC documentation, prohibited IPv4 subnet ranges. */
const PROHIBITED = ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/4', '199.36.153.4/30', '199.36.153.8/30'];

/** All of what networks in auto mode keep for themselves, now and later. */
const AUTO_MODE = '10.128.0.0/9';

/** Fewest addresses of a range: a /29. */
const LEAST_ADDRESSES = 8;

/** A subnet. Its ranges overlap no others of its network. One in auto mode has a subnet of its name in each region. */
export const subnetwork = defineResource({
  type: 'google_compute_subnetwork',
  arguments: {
    // ForceNewIfChange("ip_cidr_range", IsShrinkageIpCidr): a range grows in place. Source: google 6.50.0.
    ip_cidr_range: { change: (before, after) => (contains(after, before) ? 'in-place' : 'replace') },
  },
  recomputed: ['fingerprint'],
  validateCreate: (values, context, key) => {
    refuseRanges(values, context, key);
  },
  beforeUpdate: (_prior, values, context, key) => refuseRanges(values, context, key),
  computed: (values, context) => {
    const cidr = parseRange(text(values, 'ip_cidr_range'));
    return {
      subnetwork_id: Number(context.world.nextId().slice(-9)),
      creation_timestamp: context.world.clock.iso(),
      gateway_address: cidr ? formatAddress(cidr.first + 1) : null,
      fingerprint: context.world.nextId(),
    };
  },
  durations: { create: 'subnetwork operation', delete: 'subnetwork operation' },
});

/** The primary range of the subnet that these attributes name. */
export function subnetOf(values: Values, { world }: Pick<Context, 'world'>): AddressRange | undefined {
  const subnet = referred(world, 'google_compute_subnetwork', values['subnetwork'], values);
  return subnet && parseRange(text(subnet.values as Values, 'ip_cidr_range'));
}

function refuseRanges(values: Values, { world }: Context, key: string): void {
  const network = referredKey('google_compute_network', text(values, 'network'), values);
  const isAuto = find(world, 'google_compute_network', network)?.values['auto_create_subnetworks'] !== false;
  const own: AddressRange[] = [];
  for (const wanted of rangesOf(values)) {
    const range = usable(wanted, isAuto);
    const taken = own.find((other) => overlap(range, other));
    if (taken) refuse(range.text, `conflicts with ${taken.text} of the same subnetwork`);
    own.push(range);
  }
  for (const other of world.list('google_compute_subnetwork')) {
    const theirs = other.values as Values;
    if (other.key === key || referredKey('google_compute_network', text(theirs, 'network'), theirs) !== network)
      continue;
    const taken = rangesOf(theirs).flatMap((range) => parseRange(range) ?? []);
    const wanted = own.find((range) => taken.some((one) => overlap(range, one)));
    const where = `'${text(theirs, 'name')}' in region '${lastOf(theirs['region'] ?? '')}'`;
    if (wanted) refuse(wanted.text, `conflicts with existing subnetwork ${where}`);
  }
}

/** A range that Compute Engine accepts. @throws CloudError */
function usable(text: string, isAuto: boolean): AddressRange {
  const range = parseRange(text);
  if (!range) return refuse(text, 'must be an address range without host bits, such as 10.0.0.0/24');
  if (range.last - range.first + 1 < LEAST_ADDRESSES) return refuse(text, 'must have at least 8 addresses (/29)');
  const prohibited = PROHIBITED.find((other) => overlap(range, parseRange(other) as AddressRange));
  if (prohibited) return refuse(text, `overlaps ${prohibited}, which no subnetwork may have`);
  const auto = parseRange(AUTO_MODE) as AddressRange;
  if (isAuto && overlap(range, auto)) return refuse(text, `overlaps ${AUTO_MODE}, which the network in auto mode uses`);
  return range;
}

function refuse(range: string, why: string): never {
  throw new CloudError({ status: 400, reason: 'badRequest', message: `Invalid IPCidrRange: ${range} ${why}.` });
}

function rangesOf(values: Values): string[] {
  const secondary = (values['secondary_ip_range'] as Values[] | null | undefined) ?? [];
  return [text(values, 'ip_cidr_range'), ...secondary.map((range) => text(range, 'ip_cidr_range'))].filter(Boolean);
}

/** Whether a range holds another; false where one of them is not known. */
function contains(outer: Value, inner: Value): boolean {
  const [large, small] = [parseRange(String(outer)), parseRange(String(inner))];
  return !!large && !!small && large.first <= small.first && small.last <= large.last;
}
