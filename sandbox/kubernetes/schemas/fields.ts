import { isObject } from '../../json';
import type { KindSchema, Schema } from './schema';

/** A step into an object: a field, or an element of a list, with what tells it from the others. */
export type Step = { readonly field: string } | { readonly index: number; readonly key: string };

/** A field that its kind does not have, or a value of another type than its field. */
export interface FieldProblem {
  readonly at: readonly Step[];
  readonly value: unknown;
  /** What is expected there; undefined for an unknown field. */
  readonly expected?: Schema;
  /** The type that the field is a part of: `apps.v1.DeploymentSpec`. */
  readonly owner: string;
}

/** Every unknown field and every value of a wrong type in an object, in its order. */
export function problemsOfFields({ schema, types }: KindSchema, object: unknown): FieldProblem[] {
  return problemsAt({ schema, types, at: [], owner: '' }, object);
}

interface Position extends Pick<KindSchema, 'schema' | 'types'> {
  readonly at: readonly Step[];
  readonly owner: string;
}

function problemsAt(position: Position, value: unknown): FieldProblem[] {
  const schema = resolved(position);
  const { at, owner, types } = position;
  if (value === null || value === undefined) return [];
  if (!isOfType(schema, value)) return [{ at, value, expected: schema, owner }];
  const inside = position.schema.$ref ?? owner;
  if (Array.isArray(value)) {
    const { items } = schema;
    if (!items) return [];
    return value.flatMap((element, index) => {
      const step = { index, key: keyOf(schema, element, index) };
      return problemsAt({ schema: items, types, at: [...at, step], owner: inside }, element);
    });
  }
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([field, inner]) => {
    const next = fieldOf(schema, field);
    const place = [...at, { field }];
    if (next) return problemsAt({ schema: next, types, at: place, owner: inside }, inner);
    return isOpen(schema) || inner === undefined ? [] : [{ at: place, value: inner, owner: inside }];
  });
}

/** The schema of a field, by its name or for all others. */
export function fieldOf({ properties = {}, additionalProperties: others }: Schema, field: string): Schema | undefined {
  if (Object.hasOwn(properties, field)) return properties[field];
  return typeof others === 'object' ? others : undefined;
}

/** What a schema refers to. */
export function resolved({ schema, types }: Pick<KindSchema, 'schema' | 'types'>): Schema {
  return schema.$ref === undefined ? schema : (types[schema.$ref] ?? {});
}

function isOpen(schema: Schema): boolean {
  return (
    schema['x-kubernetes-preserve-unknown-fields'] === true ||
    schema.additionalProperties === true ||
    (schema.type === undefined && !schema.properties)
  );
}

function isOfType(schema: Schema, value: unknown): boolean {
  if (schema['x-kubernetes-int-or-string']) return ['number', 'string'].includes(typeof value);
  switch (schema.type) {
    case 'object':
      return isObject(value);
    case 'array':
      return Array.isArray(value);
    case 'integer':
    case 'number':
      return typeof value === 'number';
    case 'string':
    case 'boolean':
      return typeof value === schema.type;
    default:
      return true;
  }
}

/** As server-side apply names an element: by its keys, by its value in a set, by its index elsewhere. */
function keyOf(schema: Schema, element: unknown, index: number): string {
  const type = schema['x-kubernetes-list-type'];
  if (type === 'set') return `=${JSON.stringify(element)}`;
  const keys = [...(schema['x-kubernetes-list-map-keys'] ?? [])].sort();
  if (type !== 'map' || !isObject(element)) return String(index);
  return keys
    .flatMap((key) => (element[key] === undefined ? [] : [`${key}=${JSON.stringify(element[key])}`]))
    .join(',');
}
