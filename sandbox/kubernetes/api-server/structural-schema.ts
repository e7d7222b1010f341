import type { KubernetesObject } from '../../world';
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
