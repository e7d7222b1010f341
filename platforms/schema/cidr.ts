/** A range of IPv4 addresses. */
export interface Cidr {
  /** First address, as a 32-bit number. */
  readonly first: number;
  /** Last address, as a 32-bit number. */
  readonly last: number;
}

/** Parses a range such as `10.10.0.0/24`. Returns undefined if it is not valid CIDR notation or has host bits set. */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^([\d.]+)\/(\d{1,2})$/.exec(text);
  const first = parseAddress(match?.[1] ?? '');
  const bits = Number(match?.[2]);
  if (first === undefined || bits > 32) return undefined;
  const size = 2 ** (32 - bits);
  return first % size === 0 ? { first, last: first + size - 1 } : undefined;
}

/**
 * True when a VM can have the address: Google reserves the first two and the last two addresses of each subnet.
 *
 * Source: https://cloud.google.com/vpc/docs/subnets#unusable-ip-addresses-in-every-subnet
 */
export function isUsable(address: string, { first, last }: Cidr): boolean {
  const number = parseAddress(address);
  return number !== undefined && number > first + 1 && number < last - 1;
}

/** True when two ranges share an address. False if either is not a valid range. */
export function overlap(a: string, b: string): boolean {
  const [one, other] = [parseCidr(a), parseCidr(b)];
  return one !== undefined && other !== undefined && one.first <= other.last && other.first <= one.last;
}

/** Source: https://www.rfc-editor.org/rfc/rfc1918#section-3 */
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];

/** True when a whole range is reserved for private networks. */
export function isPrivate(text: string): boolean {
  const range = parseCidr(text);
  return PRIVATE.map(parseCidr).some(
    (whole) => whole !== undefined && range !== undefined && range.first >= whole.first && range.last <= whole.last,
  );
}

function parseAddress(text: string): number | undefined {
  const octets = text.split('.').map((octet) => (/^(0|[1-9]\d{0,2})$/.test(octet) ? Number(octet) : Number.NaN));
  if (octets.length !== 4 || !octets.every((octet) => octet <= 255)) return undefined;
  return octets.reduce((sum, octet) => sum * 256 + octet, 0);
}
