import { decode, Encoder, ExtensionCodec } from '@msgpack/msgpack';
import type { CtyType } from './schema/field';

/** A decoded value of Terraform's: primitives, arrays (list, set), plain objects (map, object, block), null, UNKNOWN. */
export type Value = null | boolean | number | bigint | string | Unknown | Value[] | { [key: string]: Value };
/** All attributes and blocks of one resource. */
export type Values = { [key: string]: Value };

/** A value that is only known after apply. */
export class Unknown {
  readonly kind = 'unknown';
  toString(): string {
    return '(known after apply)';
  }
}

/** The one unknown value. */
export const UNKNOWN = new Unknown();

/** Whether a value is only known after apply. Looks at the value itself, not into it. */
export function isUnknown(value: unknown): value is Unknown {
  return value === UNKNOWN;
}

/** Whether a value, or anything inside it, is only known after apply. */
export function hasUnknown(value: Value | undefined): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  return isObject(value) && Object.values(value).some(hasUnknown);
}

/** What is known of some attributes. */
export function withoutUnknown(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => !isUnknown(value)));
}

/** What is known and set of some attributes. */
export function setOf(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && !isUnknown(value)));
}

/** Whether a value is a map, an object or a block. */
export function isObject(value: Value | undefined): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && value !== UNKNOWN;
}

/** Whether two values are the same: numbers by value, absent keys as null, lists in order. */
export function equal(a: Value | undefined, b: Value | undefined): boolean {
  if (a === b || (a ?? null) === (b ?? null)) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((element, index) => equal(element, b[index]));
  }
  if (isObject(a) && isObject(b))
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => equal(a[key], b[key]));
  return isNumeric(a) && isNumeric(b) && String(a) === String(b);
}

/** Core refines unknown values by extension 12 (a known prefix, not null); for us both are plainly unknown. */
const extensions = new ExtensionCodec();
extensions.register({
  type: 0,
  encode: (value) => (value === UNKNOWN ? Uint8Array.of(0) : null),
  decode: () => UNKNOWN,
});
extensions.register({ type: 12, encode: () => null, decode: () => UNKNOWN });
const encoder = new Encoder({ extensionCodec: extensions, useBigInt64: true });

/** The exact types of free-form values as they came, so that what passes through unchanged stays of the same type. */
const dynamicTypes = new WeakMap<object, CtyType>();

/** Reads a value of that type as Terraform sends it. */
export function decodeValue(bytes: Uint8Array, type: CtyType): Value {
  return fromWire(decode(bytes, { extensionCodec: extensions, useBigInt64: true }), type);
}

/** Reads a value of that type from a state file. */
export function decodeJson(json: string, type: CtyType): Value {
  return fromWire(JSON.parse(quoteLongNumbers(json)), type);
}

/**
 * Writes a value as Terraform reads it: every attribute of the type is there, null where the value has none.
 * Throws on a value of another type and on attributes that the type does not have.
 */
export function encodeValue(value: Value | undefined, type: CtyType): Uint8Array {
  return encoder.encode(toWire(value, type, ''));
}

function fromWire(wire: unknown, type: CtyType): Value {
  if (wire === null || wire === undefined) return null;
  if (wire === UNKNOWN) return UNKNOWN;
  if (type === 'number') return toNumber(wire as number | bigint | string);
  if (type === 'dynamic') return fromDynamic(wire);
  if (typeof type === 'string') return wire as Value;
  if (type[0] === 'object') {
    const object = wire as Record<string, unknown>;
    return Object.fromEntries(Object.entries(type[1]).map(([name, of]) => [name, fromWire(object[name], of)]));
  }
  if (type[0] === 'map') {
    return Object.fromEntries(
      Object.entries(wire as object).map(([key, element]) => [key, fromWire(element, type[1])]),
    );
  }
  const elements = wire as unknown[];
  if (type[0] === 'tuple') return type[1].map((of, index) => fromWire(elements[index], of));
  return elements.map((element) => fromWire(element, type[1]));
}

/** On the wire a pair of type and value; in a state file an object of the two. */
function fromDynamic(wire: unknown): Value {
  const [type, inner] = Array.isArray(wire)
    ? [JSON.parse(Buffer.from(wire[0]).toString()) as CtyType, wire[1]]
    : [(wire as { type: CtyType }).type, (wire as { value: unknown }).value];
  const value = fromWire(inner, type);
  if (typeof value === 'object' && value !== null && value !== UNKNOWN) dynamicTypes.set(value, type);
  return value;
}

/** Terraform's numbers are exact: what a double does not hold is kept as text, which the world can store as JSON. */
function toNumber(wire: number | bigint | string): Value {
  if (typeof wire === 'number') return wire;
  const number = Number(wire);
  const isExact = typeof wire === 'bigint' ? Number.isSafeInteger(number) : String(number) === wire;
  return isExact ? number : String(wire);
}

function toWire(value: Value | undefined, type: CtyType, path: string): unknown {
  if (value === null || value === undefined) return null;
  if (value === UNKNOWN) return UNKNOWN;
  if (type === 'dynamic') {
    const came = typeof value === 'object' ? dynamicTypes.get(value) : undefined;
    const inner = came && fits(value, came) ? came : inferType(value);
    return [Buffer.from(JSON.stringify(inner)), toWire(value, inner, path)];
  }
  if (type === 'number') return isNumeric(value) ? numberToWire(value) : mismatch(path, 'a number', value);
  if (type === 'string') return typeof value === 'string' ? value : mismatch(path, 'a string', value);
  if (type === 'bool') return typeof value === 'boolean' ? value : mismatch(path, 'true or false', value);
  if (type[0] === 'map') {
    if (!isObject(value)) return mismatch(path, 'a map', value);
    return Object.fromEntries(Object.keys(value).map((key) => [key, toWire(value[key], type[1], join(path, key))]));
  }
  if (type[0] === 'object') {
    if (!isObject(value)) return mismatch(path, 'an object', value);
    const types = type[1];
    const extra = Object.keys(value).find((key) => value[key] !== undefined && !(key in types));
    if (extra) throw new Error(`attribute "${join(path, extra)}" is not in the schema`);
    return Object.fromEntries(Object.entries(types).map(([key, of]) => [key, toWire(value[key], of, join(path, key))]));
  }
  if (!Array.isArray(value)) return mismatch(path, `a ${type[0]}`, value);
  return value.map((element, index) =>
    toWire(element, type[0] === 'tuple' ? (type[1][index] ?? 'dynamic') : type[1], join(path, String(index))),
  );
}

function numberToWire(value: number | bigint | string): number | bigint | string {
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? value : String(value);
  return Number.isSafeInteger(value) ? value : String(value);
}

function inferType(value: Value): CtyType {
  if (value === null || value === UNKNOWN) return 'dynamic';
  if (Array.isArray(value)) return ['tuple', value.map(inferType)];
  if (isObject(value)) {
    const known = Object.entries(value).filter(([, element]) => element !== undefined);
    return ['object', Object.fromEntries(known.map(([key, element]) => [key, inferType(element)]))];
  }
  if (typeof value === 'string') return 'string';
  return typeof value === 'boolean' ? 'bool' : 'number';
}

/** Whether a value still has the shape of the type it came with; a behaviour may have changed it since. */
function fits(value: Value | undefined, type: CtyType): boolean {
  if (value === null || value === UNKNOWN) return true;
  if (type === 'dynamic') return false;
  if (typeof type === 'string') return inferType(value ?? null) === type || (type === 'number' && isNumeric(value));
  if (type[0] === 'map') return isObject(value) && Object.values(value).every((element) => fits(element, type[1]));
  if (type[0] === 'object') {
    const types = Object.entries(type[1]);
    if (!isObject(value) || Object.keys(value).length !== types.length) return false;
    return types.every(([name, of]) => name in value && fits(value[name], of));
  }
  if (!Array.isArray(value)) return false;
  if (type[0] !== 'tuple') return value.every((element) => fits(element, type[1]));
  return value.length === type[1].length && value.every((element, index) => fits(element, type[1][index] ?? 'dynamic'));
}

function isNumeric(value: Value | undefined): value is number | bigint | string {
  if (typeof value === 'string') return /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value);
  return typeof value === 'number' || typeof value === 'bigint';
}

function mismatch(path: string, wanted: string, value: Value): never {
  const got = Array.isArray(value) ? 'a list' : isObject(value) ? 'an object' : `a ${typeof value}`;
  throw new Error(`attribute "${path}" must be ${wanted}, but it is ${got}`);
}

function join(path: string, name: string): string {
  return path ? `${path}.${name}` : name;
}

/** JSON.parse would round what has more digits than a double. */
function quoteLongNumbers(json: string): string {
  return json.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]{14,}/g, (token) =>
    token.startsWith('"') ? token : `"${token}"`,
  );
}
