/** An IPv4 range in CIDR notation, as far as networks need it. */
export interface AddressRange {
  readonly first: number;
  readonly last: number;
  readonly text: string;
}

/** Parses `10.0.0.0/24`; undefined when it is no range or has host bits set. */
export function parseRange(text: string): AddressRange | undefined {
  const match = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(text);
  const base = match?.[1] ? parseAddress(match[1]) : undefined;
  const bits = Number(match?.[2]);
  if (base === undefined || bits > 32) return undefined;
  const size = 2 ** (32 - bits);
  return base % size === 0 ? { first: base, last: base + size - 1, text } : undefined;
}

/** Parses a dotted address into a number; undefined when it is none. */
export function parseAddress(text: string): number | undefined {
  const parts = text.split('.').map(Number);
  const sound = parts.length === 4 && parts.every((part) => Number.isInteger(part) && part >= 0 && part <= 255);
  return sound ? parts.reduce((sum, part) => sum * 256 + part, 0) : undefined;
}

/** The dotted form of a number. */
export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

/** True when two ranges share an address. */
export function overlap(a: AddressRange, b: AddressRange): boolean {
  return a.first <= b.last && b.first <= a.last;
}
