import type { KubernetesObject } from '../../world';
import type { ClusterApi } from './api';
import { splitApiVersion } from './kinds';

/** The schema of a custom resource, or of a part of it, as far as the sandbox reads it. */
export interface StructuralSchema {
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly additionalProperties?: StructuralSchema | boolean;
  readonly items?: StructuralSchema;
  readonly default?: unknown;
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly [keyword: string]: unknown;
}

/** The schema that a CustomResourceDefinition gives to an object; undefined for built-in kinds. */
export function schemaOf(
  cluster: Pick<ClusterApi, 'stored'>,
  { apiVersion, kind }: KubernetesObject,
): StructuralSchema | undefined {
  const { group, version } = splitApiVersion(apiVersion);
  for (const { spec } of cluster.stored('apiextensions.k8s.io', 'CustomResourceDefinition')) {
    const { group: ofGroup, names, versions } = spec as DefinitionSpec;
    if (ofGroup !== group || names.kind !== kind) continue;
    return versions.find(({ name }) => name === version)?.schema?.openAPIV3Schema;
  }
  return undefined;
}

interface DefinitionSpec {
  readonly group: string;
  readonly names: { readonly kind: string };
  readonly versions: readonly { readonly name: string; readonly schema?: { openAPIV3Schema?: StructuralSchema } }[];
}

/** A value with the defaults of its schema filled in, wherever what holds them is given. */
export function withSchemaDefaults(schema: StructuralSchema | undefined, value: unknown): unknown {
  if (!schema || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => withSchemaDefaults(schema.items, item));
  const { properties = {}, additionalProperties } = schema;
  const filled: Record<string, unknown> = { ...value };
  for (const [name, { default: byDefault }] of Object.entries(properties)) {
    if (filled[name] === undefined && byDefault !== undefined) filled[name] = structuredClone(byDefault);
  }
  const below = (name: string) =>
    properties[name] ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined);
  return Object.fromEntries(
    Object.entries(filled).map(([name, inner]) => [name, withSchemaDefaults(below(name), inner)]),
  );
}
