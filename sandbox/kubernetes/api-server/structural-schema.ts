import type { KubernetesObject } from '../../world';
import { type KindSchema, schemaOfKind } from '../schemas/schema';
import type { ClusterApi } from './api';
import { DEFINITIONS, type StructuralSchema } from './definition';
import { splitApiVersion } from './kinds';

/** The schema that a CustomResourceDefinition gives to an object; undefined for built-in kinds. */
export function schemaOf(
  cluster: Pick<ClusterApi, 'list'>,
  { apiVersion, kind }: KubernetesObject,
): StructuralSchema | undefined {
  const { group, version } = splitApiVersion(apiVersion);
  for (const { spec } of cluster.list(DEFINITIONS)) {
    const { group: ofGroup, names, versions } = spec;
    if (ofGroup !== group || names.kind !== kind) continue;
    return versions.find(({ name }) => name === version)?.schema?.openAPIV3Schema;
  }
  return undefined;
}

/**
 * The schema that an object is held to: of a built-in kind, of a CustomResourceDefinition, or of the chart whose definition
 * leaves every field free. Undefined where none is known.
 */
export function kindSchemaOf(cluster: Pick<ClusterApi, 'list'>, object: KubernetesObject): KindSchema | undefined {
  const known = schemaOfKind(object.apiVersion, object.kind);
  if (known && !known.isCustom) return known;
  const schema = schemaOf(cluster, object);
  const isFree = schema?.['x-kubernetes-preserve-unknown-fields'] === true;
  return schema && !isFree ? { schema, types: {}, isCustom: true } : known;
}

/** A value with the defaults of its schema filled in, wherever what holds them is given. */
export function withSchemaDefaults<T>(schema: StructuralSchema | undefined, value: T): T {
  if (!schema || typeof value !== 'object' || value === null) return value;
  return filled(schema, value) as T;
}

function filled(schema: StructuralSchema, value: object): unknown {
  if (Array.isArray(value)) return value.map((item) => withSchemaDefaults(schema.items, item));
  const { properties = {}, additionalProperties } = schema;
  const given: Record<string, unknown> = { ...value };
  for (const [name, { default: byDefault }] of Object.entries(properties)) {
    if (given[name] === undefined && byDefault !== undefined) given[name] = structuredClone(byDefault);
  }
  const below = (name: string) =>
    properties[name] ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined);
  return Object.fromEntries(
    Object.entries(given).map(([name, inner]) => [name, withSchemaDefaults(below(name), inner)]),
  );
}
