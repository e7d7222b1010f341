import { isObject } from '../../json';
import type { KubernetesObject } from '../../world';
import { fieldOf, resolved } from './fields';
import { type KindSchema, OBJECT_META } from './schema';

/**
 * An object in which texts, numbers and booleans have the type of their field where they can be converted, as the kubernetes
 * provider converts the values of a manifest.
 */
export function converted(kind: KindSchema, { metadata, ...rest }: KubernetesObject): KubernetesObject {
  return { ...rest, ...(convert(kind, rest) as object), metadata: convert(OBJECT_META, metadata) } as KubernetesObject;
}

function convert(kind: KindSchema, value: unknown): unknown {
  const schema = resolved(kind);
  const { items, type } = schema;
  if (Array.isArray(value)) return items ? value.map((element) => convert({ ...kind, schema: items }, element)) : value;
  if (isObject(value)) {
    const inner = Object.entries(value).map(([field, one]) => {
      const next = fieldOf(schema, field);
      return [field, next ? convert({ ...kind, schema: next }, one) : one];
    });
    return Object.fromEntries(inner);
  }
  if (schema['x-kubernetes-int-or-string']) return value;
  if ((type === 'integer' || type === 'number') && typeof value === 'string') return asNumber(value);
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  return type === 'string' && ['number', 'boolean'].includes(typeof value) ? String(value) : value;
}

function asNumber(text: string): number | string {
  return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
}
