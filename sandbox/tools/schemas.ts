import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Definition } from '../kubernetes/api-server/definition';
import { BUILT_IN_KINDS } from '../kubernetes/api-server/kinds';
import { charts } from '../kubernetes/charts/chart';
import type { Schema, Schemas } from '../kubernetes/schemas/schema';

/** Keywords that the API server reads when it decodes or validates an object. */
const KEYWORDS = [
  ...['type', 'format', 'required', 'nullable', 'enum', 'pattern', 'minimum', 'maximum', 'minLength', 'maxLength'],
  ...['minItems', 'maxItems', 'minProperties', 'maxProperties'],
  ...['x-kubernetes-list-type', 'x-kubernetes-list-map-keys'],
  ...['x-kubernetes-int-or-string', 'x-kubernetes-preserve-unknown-fields'],
] as const;

/** Keywords that the API server does not check in its own kinds: code validates them. */
const UNCHECKED = ['required'];

/** Texts or numbers. */
const SCALARS = ['util.intstr.IntOrString', 'api.resource.Quantity'];

/** A schema as it is published. */
interface Published {
  readonly $ref?: string;
  readonly allOf?: readonly Published[];
  readonly properties?: Readonly<Record<string, Published>>;
  readonly items?: Published;
  readonly additionalProperties?: Published | boolean;
  readonly [keyword: string]: unknown;
}

interface OpenApi {
  readonly components: { readonly schemas: Readonly<Record<string, Published & { readonly [GVK]?: readonly Gvk[] }>> };
}

const GVK = 'x-kubernetes-group-version-kind';

interface Gvk {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** Schemas of the built-in kinds. @param folder - `api/openapi-spec/v3` of Kubernetes' sources */
export function builtInSchemas(folder: string): Schemas {
  const files = readdirSync(folder).filter((name) => /^apis?__.*v\d+_openapi\.json$/.test(name));
  const documents = files.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as OpenApi);
  const published = Object.assign(
    {},
    ...documents.map(({ components }) => components.schemas),
  ) as OpenApi['components']['schemas'];
  const types: Record<string, Schema> = {};
  const kinds: Record<string, string> = {};
  const add = (name: string) => {
    const short = shortName(name);
    if (types[short]) return;
    types[short] = {};
    types[short] = SCALARS.includes(short)
      ? { 'x-kubernetes-int-or-string': true }
      : reduced(published[name] ?? {}, UNCHECKED, add);
  };
  for (const [name, schema] of Object.entries(published)) {
    for (const { group, version, kind } of schema[GVK] ?? []) {
      if (!BUILT_IN_KINDS.some((one) => one.group === group && one.kind === kind && one.versions.includes(version)))
        continue;
      add(name);
      kinds[`${group ? `${group}/` : ''}${version} ${kind}`] = shortName(name);
    }
  }
  return { source: 'Kubernetes 1.34.2, api/openapi-spec/v3', kinds, types };
}

/** Schemas of the kinds that the known charts define, as far as their definitions are there. @param folder - files of CRDs */
export function chartSchemas(folder: string): Schemas {
  const wanted = charts.flatMap(({ crds }) => crds?.kinds ?? []);
  const definitions = readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .flatMap((name) => parseAllDocuments(readFileSync(join(folder, name), 'utf8')))
    .map((document) => document.toJS() as Definition | null)
    .filter((definition): definition is Definition => definition?.kind === 'CustomResourceDefinition');
  const found: Record<string, Schema> = {};
  for (const { spec } of definitions) {
    const chartKind = wanted.find(({ group, kind }) => group === spec.group && kind === spec.names.kind);
    for (const { name, schema } of spec.versions) {
      if (!chartKind?.versions.includes(name)) continue;
      found[`${spec.group}/${name} ${spec.names.kind}`] = reduced(
        (schema?.openAPIV3Schema ?? {}) as Published,
        [],
        () => {},
      );
    }
  }
  return { source: 'CustomResourceDefinitions of the charts', ...shared(found) };
}

function reduced(schema: Published, without: readonly string[], refer: (name: string) => void): Schema {
  const [only] = schema.allOf ?? [];
  if (only && !schema.properties) return reduced(only, without, refer);
  if (schema.$ref) {
    const name = schema.$ref.split('/').at(-1) ?? '';
    refer(name);
    return { $ref: shortName(name) };
  }
  const inner = (each: Published) => reduced(each, without, refer);
  const { properties, items, additionalProperties: others } = schema;
  const kept = KEYWORDS.filter((keyword) => schema[keyword] !== undefined && !without.includes(keyword));
  const isFree = without.length > 0 && (schema['type'] ?? 'object') === 'object' && !properties && !others;
  return {
    ...Object.fromEntries(kept.map((keyword) => [keyword, schema[keyword]])),
    ...(isFree && { 'x-kubernetes-preserve-unknown-fields': true }),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, inner(each)])),
    }),
    ...(items && { items: inner(items) }),
    ...(others && { additionalProperties: others === true ? true : inner(others) }),
  };
}

/** `io.k8s.api.apps.v1.Deployment` is `apps.v1.Deployment`. */
function shortName(name: string): string {
  return name.split('.').slice(-3).join('.');
}

/** The same schemas with what occurs more than once kept once: pod specs are a part of many kinds. */
function shared(found: Readonly<Record<string, Schema>>): Pick<Schemas, 'kinds' | 'types'> {
  const seen = new Map<string, number>();
  const count = (schema: Schema): void => {
    if (schema.properties) {
      const text = JSON.stringify(schema);
      seen.set(text, (seen.get(text) ?? 0) + 1);
      if (seen.get(text) !== 1) return;
    }
    for (const each of below(schema)) count(each);
  };
  Object.values(found).forEach(count);
  const names = new Map<string, string>();
  const types: Record<string, Schema> = {};
  const refer = (schema: Schema): Schema => {
    const text = JSON.stringify(schema);
    if (!schema.properties || (seen.get(text) ?? 0) < 2 || text.length < 80) return replaced(schema, refer);
    const name = names.get(text) ?? String(names.size);
    if (!names.has(text)) {
      names.set(text, name);
      types[name] = replaced(schema, refer);
    }
    return { $ref: name };
  };
  const kinds: Record<string, string> = {};
  for (const [kind, schema] of Object.entries(found)) {
    kinds[kind] = kind;
    types[kind] = replaced(schema, refer);
  }
  return { kinds, types };
}

function below({ properties = {}, items, additionalProperties }: Schema): Schema[] {
  return [
    ...Object.values(properties),
    ...(items ? [items] : []),
    ...(typeof additionalProperties === 'object' ? [additionalProperties] : []),
  ];
}

function replaced(schema: Schema, by: (inner: Schema) => Schema): Schema {
  const { properties, items, additionalProperties } = schema;
  return {
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, by(each)])),
    }),
    ...(items && { items: by(items) }),
    ...(typeof additionalProperties === 'object' && { additionalProperties: by(additionalProperties) }),
  };
}

/** One line for each type. */
function format({ source, kinds, types }: Schemas): string {
  const lines = (map: object) =>
    Object.entries(map)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)}`)
      .join(',\n');
  return `{\n  "source": ${JSON.stringify(source)},\n  "kinds": {\n${lines(kinds)}\n  },\n  "types": {\n${lines(types)}\n  }\n}\n`;
}

if (require.main === module) {
  const [openApi, crds] = [process.env['OPENAPI_DIR'], process.env['CRDS_DIR']];
  if (!openApi || !crds) {
    throw new Error(
      "set OPENAPI_DIR to api/openapi-spec/v3 of Kubernetes' sources, and CRDS_DIR to a folder with the CRDs of the charts",
    );
  }
  const write = (name: string, schemas: Schemas) =>
    writeFileSync(join(__dirname, '../kubernetes/schemas', `${name}.json`), format(schemas));
  write('built-in', builtInSchemas(openApi));
  write('charts', chartSchemas(crds));
}
