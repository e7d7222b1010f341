import { isIP } from 'node:net';
import type { CheckFact } from './schema/argument-facts';
import type { Value } from './values';

/** The validators of the providers, by name. */
export type CheckName = keyof typeof CHECKS;

type Check = (value: string | number, name: string, of: readonly (string | number)[]) => string | undefined;

/** The provider's message about a known value. */
export function problemsOf({ check, of = [], as, or }: CheckFact, value: Value, name: string): string[] {
  if (typeof value !== 'string' && typeof value !== 'number') return [];
  const problem = CHECKS[check as CheckName](value, as ?? name, of);
  if (!problem || !or) return problem ? [problem] : [];
  const others = problemsOf(or, value, name);
  return others.length > 0 ? [problem, ...others] : [];
}

/** Each returns the message of the provider or of its SDK. */
const CHECKS = {
  oneOf: (value, name, of) =>
    unless(of.includes(value), `expected ${name} to be one of [${of.map(quote).join(' ')}], got ${value}`),
  between: (value, name, [low = 0, high = 0]) =>
    unless(
      Number(value) >= Number(low) && Number(value) <= Number(high),
      `expected ${name} to be in the range (${low} - ${high}), got ${value}`,
    ),
  atLeast: (value, name, [low = 0]) =>
    unless(Number(value) >= Number(low), `expected ${name} to be at least (${low}), got ${value}`),
  betweenFractions: (value, name, [low = 0, high = 0]) =>
    unless(
      Number(value) >= Number(low) && Number(value) <= Number(high),
      `expected ${name} to be in the range (${fraction(low)} - ${fraction(high)}), got ${fraction(value)}`,
    ),
  atLeastFraction: (value, name, [low = 0]) =>
    unless(Number(value) >= Number(low), `expected ${name} to be at least (${fraction(low)}), got ${fraction(value)}`),
  /** A pattern, as google's `ValidateRegexp` says it. */
  matches: (value, name, [pattern]) =>
    unless(like(pattern, value), `"${name}" (${quote(value)}) doesn't match regexp ${quote(pattern)}`),
  mustMatch: (value, name, [pattern]) =>
    unless(like(pattern, value), `"${name}" (${quote(value)}) must match regex ${quote(pattern)}`),
  likeExpression: (value, name, [pattern]) =>
    unless(
      like(pattern, value),
      `expected value of ${name} to match regular expression ${quote(pattern)}, got ${value}`,
    ),
  /** A pattern that the provider only speaks of: `of` is the pattern and the message. */
  described: (value, name, [pattern, message = '']) =>
    unless(like(pattern, value), String(message).replaceAll('ARG', name).replaceAll('VALUE', String(value))),
  base64: (value, name) =>
    unless(
      isBase64(value),
      `could not decode "${name}" as a valid base64 value. Please use the terraform base64 functions such as base64encode() or filebase64() to supply a valid base64 string`,
    ),
  base64String: (value, name) => unless(isBase64(value), `expected "${name}" to be a base64 string, got ${value}`),
  ipCidrRange: (value, name) =>
    unless(isCidr(value), `"${name}" is not a valid IP CIDR range: invalid CIDR address: ${value}`),
  cidr: (value, name) =>
    unless(isCidr(value), `expected "${name}" to be a valid CIDR Value, got ${value}: invalid CIDR address: ${value}`),
  ip: (value, name) => unless(isIP(String(value)) > 0, `expected ${name} to contain a valid IP, got: ${value}`),
  asn: (value, name) =>
    unless(
      isPrivateAsn(Number(value)),
      `expected "${name}" to be a RFC6996-compliant Local ASN:\nmust be either in the private ASN ranges: [64512..65534], [4200000000..4294967294];\nor be the value of [16550], got ${value}`,
    ),
  poolId(value, name) {
    const id = String(value);
    if (id.startsWith('gcp-')) return `"${name}" (${quote(id)}) can not start with "gcp-"`;
    if (!/^[0-9a-z-]+$/.test(id))
      return `"${name}" must contain only lowercase letters (a-z), numbers (0-9), or dashes (-)`;
    if (id.length < 4) return `"${name}" cannot be smaller than 4 characters`;
    return unless(id.length <= 32, `"${name}" cannot be greater than 32 characters`);
  },
  port: (value, name) => unless(isPort(value), `expected "${name}" to be a valid port number, got: ${value}`),
  portOrZero: (value, name) =>
    unless(value === 0 || isPort(value), `expected "${name}" to be a valid port number or 0, got: ${value}`),
  portNumber: (value, name) => unless(isPort(value), `${name} must be between 1 and 65535, inclusive`),
  portName(value, name) {
    const port = String(value);
    if (/^\d+$/.test(port)) return unless(isPort(Number(port)), `${name} must be between 1 and 65535, inclusive`);
    if (port.length > 15) return `${name} must be no more than 15 characters`;
    if (!/^[-a-z0-9]+$/.test(port))
      return `${name} must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)`;
    if (!/[a-z]/.test(port)) return `${name} must contain at least one letter (a-z)`;
    if (port.includes('--')) return `${name} must not contain consecutive hyphens`;
    return unless(!/^-|-$/.test(port), `${name} must not begin or end with a hyphen`);
  },
  positive: (value, name) => unless(Number(value) > 0, `${name} must be greater than 0`),
  notBelow: (value, name, [low = 0]) =>
    unless(Number(value) >= Number(low), `${name} must be greater than or equal to ${low}`),
  leadingZero: (value, name) =>
    unless(String(value).startsWith('0'), `${name}: value ${value} should start with '0' (octal numeral)`),
  octal(value, name) {
    const isOctal = /^[0-7]+$/.test(String(value));
    const because = `strconv.ParseInt: parsing ${quote(value)}: invalid syntax`;
    if (!isOctal) return `${name} :Cannot parse octal numeral (${quote(value)}): ${because}`;
    return unless(
      Number.parseInt(String(value), 8) <= 0o777,
      `${name} (${value}) expects octal notation (a value between 0 and 0777)`,
    );
  },
  integer: (value, name) =>
    unless(
      /^([-+]?\d+)?$/.test(String(value)),
      `${name}: cannot parse '${value}' as int: strconv.ParseInt: parsing ${quote(value)}: invalid syntax`,
    ),
  integerOrPercent: (value, name) =>
    unless(
      /^([-+]?\d+%?)?$/.test(String(value)),
      `${name}: cannot parse '${value}' as int or percent: strconv.ParseInt: parsing ${quote(value)}: invalid syntax`,
    ),
  quantity: (value, name) =>
    unless(
      /^[+-]?(\d+\.?\d*|\.\d+)(([KMGTPE]i)|[numkMGTPE]|[eE][+-]?\d+)?$/.test(String(value)),
      `${name}.${value} : quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`,
    ),
} satisfies Record<string, Check>;

function unless(isRight: boolean, message: string): string | undefined {
  return isRight ? undefined : message;
}

/** As Go prints it by `%f`. */
function fraction(value: string | number): string {
  return Number(value).toFixed(6);
}

/** As Go quotes it. */
function quote(value: string | number | undefined): string {
  return JSON.stringify(String(value ?? '')).replace(/\\u00([0-9a-f]{2})/g, '\\x$1');
}

function like(pattern: string | number | undefined, value: string | number): boolean {
  return new RegExp(String(pattern)).test(String(value));
}

function isBase64(value: string | number): boolean {
  return /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(String(value));
}

function isCidr(value: string | number): boolean {
  const [address = '', bits = ''] = String(value).split('/');
  const version = isIP(address);
  return version > 0 && /^\d+$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128);
}

/** Source: RFC 6996; 16550 is Google's own. */
function isPrivateAsn(asn: number): boolean {
  return asn === 16550 || (asn >= 64512 && asn <= 65534) || (asn >= 4200000000 && asn <= 4294967294);
}

function isPort(value: string | number): boolean {
  return Number(value) >= 1 && Number(value) <= 65535;
}
