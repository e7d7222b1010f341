import type { ArgumentFacts } from './argument-facts';

/** A type of Terraform's type system, in the JSON form that the plugin protocol and the state use. */
export type CtyType =
  | 'string'
  | 'number'
  | 'bool'
  | 'dynamic'
  | readonly ['list' | 'set' | 'map', CtyType]
  | readonly ['tuple', readonly CtyType[]]
  | readonly ['object', Readonly<Record<string, CtyType>>];

/** How a field with nested fields repeats. */
export type Nesting = 'single' | 'list' | 'set' | 'map';

/** One attribute or block. */
export interface Field {
  readonly kind: 'attribute' | 'block';
  readonly required?: boolean;
  readonly optional?: boolean;
  readonly computed?: boolean;
  sensitive?: boolean;
  /** Only ever in a configuration: null in plans and states. */
  readonly writeOnly?: boolean;
  /** Of an attribute without nested fields. */
  readonly type?: CtyType;
  /** Of a block, and of an attribute with nested attributes. */
  readonly nesting?: Nesting;
  readonly fields?: Fields;
  /** Of a block: the most and the fewest of them; 0 is any number. */
  readonly max?: number;
  readonly min?: number;
  /** What the provider's own schema adds. Undefined where it is not known. */
  readonly facts?: ArgumentFacts;
}

/** The attributes and blocks of a resource, a data source, a provider or a block. */
export type Fields = { readonly [name: string]: Field };

/** The type of a field's whole value. */
function typeOf(field: Field): CtyType {
  if (!field.fields) return field.type ?? 'dynamic';
  const object = typeOfAll(field.fields);
  return !field.nesting || field.nesting === 'single' ? object : [field.nesting, object];
}

/** The object type of fields taken together. */
export function typeOfAll(fields: Fields): CtyType {
  return ['object', Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, typeOf(field)]))];
}

/**
 * The field that an argument path (list indexes left out) names, or the map or free-form attribute it leads into.
 * Undefined when the schema has no such path.
 */
export function fieldAt(fields: Fields, path: string): Field | undefined {
  const [head = '', ...rest] = path.split('.');
  const field = fields[head];
  if (!field || rest.length === 0) return field;
  if (field.fields) return fieldAt(field.fields, rest.join('.'));
  return holdsAnything(field.type) ? field : undefined;
}

/** Marks attributes as sensitive, which the packages' schemas do not say. Throws on a path that does not exist. */
export function markSensitive(type: string, fields: Fields, paths: readonly string[]): Fields {
  const marked = structuredClone(fields);
  for (const path of paths) {
    const field = fieldAt(marked, path);
    if (!field) throw new Error(`${type} has no attribute "${path}" to mark as sensitive`);
    field.sensitive = true;
  }
  return marked;
}

function holdsAnything(type: CtyType | undefined): boolean {
  if (type === 'dynamic') return true;
  if (typeof type !== 'object') return false;
  return (
    type[0] === 'map' || type[0] === 'object' || ((type[0] === 'list' || type[0] === 'set') && holdsAnything(type[1]))
  );
}
