import { isObject } from '../../json';
import { fieldOf, resolved } from './fields';
import type { KindSchema, Schema } from './schema';

/**
 * The API server's message if a value of a custom resource is refused by its schema. Types are checked before.
 * Source: `ValidateCustomResource` of apiextensions-apiserver. `oneOf`, `anyOf`, `not` and CEL rules are not evaluated.
 */
export function problemOfValues(kind: KindSchema, value: unknown, path = ''): string | undefined {
  const schema = resolved(kind);
  if (value === null || value === undefined) return undefined;
  const own = problemOf(schema, value, path);
  if (own) return own;
  if (Array.isArray(value)) {
    const { items } = schema;
    return (
      items &&
      first(value.entries(), ([index, element]) =>
        problemOfValues({ ...kind, schema: items }, element, `${path}[${index}]`),
      )
    );
  }
  if (!isObject(value)) return undefined;
  return first(Object.entries(value), ([field, inner]) => {
    const next = fieldOf(schema, field);
    return next && problemOfValues({ ...kind, schema: next }, inner, path ? `${path}.${field}` : field);
  });
}

function problemOf(schema: Schema, value: unknown, path: string): string | undefined {
  if (isObject(value)) return problemOfObject(schema, value, path);
  const { minItems, maxItems } = schema;
  if (Array.isArray(value)) {
    if (minItems !== undefined && value.length < minItems)
      return invalid(path, value.length, `should have at least ${minItems} items`);
    return maxItems !== undefined && value.length > maxItems ? tooMany(path, value.length, maxItems) : undefined;
  }
  if (schema.enum && !schema.enum.includes(value)) {
    const allowed = schema.enum.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
    return `${path}: Unsupported value: ${JSON.stringify(value)}: supported values: ${allowed.map((one) => JSON.stringify(one)).join(', ')}`;
  }
  if (typeof value === 'string') return problemOfText(schema, value, path);
  return typeof value === 'number' ? problemOfNumber(schema, value, path) : undefined;
}

function problemOfObject(
  { required = [], minProperties, maxProperties }: Schema,
  value: object,
  path: string,
): string | undefined {
  const missing = required.find((name) => !Object.hasOwn(value, name));
  if (missing) return `${path ? `${path}.` : ''}${missing}: Required value`;
  const count = Object.keys(value).length;
  if (minProperties !== undefined && count < minProperties)
    return invalid(path, count, `should have at least ${minProperties} properties`);
  return maxProperties !== undefined && count > maxProperties ? tooMany(path, count, maxProperties) : undefined;
}

function problemOfText({ pattern, minLength, maxLength }: Schema, value: string, path: string): string | undefined {
  const text = JSON.stringify(value);
  if (minLength !== undefined && value.length < minLength)
    return invalid(path, text, `should be at least ${minLength} chars long`);
  if (maxLength !== undefined && value.length > maxLength)
    return `${path}: Too long: may not be more than ${maxLength} bytes`;
  return pattern !== undefined && !new RegExp(pattern).test(value)
    ? invalid(path, text, `should match '${pattern}'`)
    : undefined;
}

function problemOfNumber({ minimum, maximum }: Schema, value: number, path: string): string | undefined {
  if (minimum !== undefined && value < minimum)
    return invalid(path, value, `should be greater than or equal to ${minimum}`);
  return maximum !== undefined && value > maximum
    ? invalid(path, value, `should be less than or equal to ${maximum}`)
    : undefined;
}

function invalid(path: string, value: string | number, rule: string): string {
  return `${path}: Invalid value: ${value}: ${path} in body ${rule}`;
}

function tooMany(path: string, actual: number, limit: number): string {
  return `${path}: Too many: ${actual}: must have at most ${limit} ${limit === 1 ? 'item' : 'items'}`;
}

function first<T>(all: Iterable<T>, find: (one: T) => string | undefined): string | undefined {
  for (const one of all) {
    const found = find(one);
    if (found) return found;
  }
  return undefined;
}
