import type { ArgumentRules, DataBehaviour, ProviderBehaviour, ResourceBehaviour } from './behaviour';
import { factsOf, type ResourceFacts, withFacts } from './facts';
import { type CtyType, type Field, type Fields, fieldAt, markSensitive, type Nesting, typeOfAll } from './schema/field';
import { InstalledSchemas } from './schema/installed';

/** A resource type or a data source as it is served: its behaviour and its schema. */
export interface Served<Behaviour> {
  readonly behaviour: Behaviour;
  readonly fields: Fields;
  readonly type: CtyType;
  /** Whether the schema has the facts of the provider's own table: then each argument has a rule. */
  readonly isKnown: boolean;
}

const NESTINGS: Record<Nesting, number> = { single: 1, list: 2, set: 3, map: 4 };

/** One provider with the schemas of everything that it serves. */
export class ServedProvider {
  readonly config: { readonly fields: Fields; readonly type: CtyType };
  readonly resources: ReadonlyMap<string, Served<ResourceBehaviour>>;
  readonly data: ReadonlyMap<string, Served<DataBehaviour>>;
  /** The answer to GetProviderSchema. */
  readonly schemas: object;

  /** Throws when a behaviour names types or arguments that the installed package does not have. */
  constructor(readonly behaviour: ProviderBehaviour) {
    const installed = new InstalledSchemas(behaviour.package ?? behaviour.name);
    this.config = typed(installed.provider());
    this.resources = new Map(
      behaviour.resources.map((each) => {
        const facts = factsOf(behaviour.facts, each.type);
        return [each.type, served(each, installed.resource(each.type), facts)];
      }),
    );
    this.data = new Map(behaviour.data.map((each) => [each.type, served(each, installed.data(each.type))]));
    installed.save();
    this.schemas = {
      provider: message(this.config.fields),
      resource_schemas: messages(this.resources),
      data_source_schemas: messages(this.data),
      server_capabilities: { plan_destroy: false, get_provider_schema_optional: true },
    };
  }
}

function typed(fields: Fields): { fields: Fields; type: CtyType } {
  return { fields, type: typeOfAll(fields) };
}

function served<B extends { type: string; arguments: ArgumentRules; sensitive?: readonly string[] }>(
  behaviour: B,
  schema: Fields,
  facts?: ResourceFacts,
): Served<B> {
  const { type, arguments: rules, sensitive } = behaviour;
  const unknown = Object.keys(rules).filter((path) => !fieldAt(schema, path));
  if (unknown.length > 0) throw new Error(`${type} has no argument ${unknown.join(', ')}: correct its rules`);
  const fields = facts ? withFacts(type, schema, facts) : schema;
  return { behaviour, ...typed(sensitive ? markSensitive(type, fields, sensitive) : fields), isKnown: !!facts };
}

function messages(all: ReadonlyMap<string, Served<unknown>>): Record<string, object> {
  return Object.fromEntries([...all].map(([type, { fields }]) => [type, message(fields)]));
}

function message(fields: Fields): object {
  return { version: 0, block: block(fields) };
}

function block(fields: Fields): object {
  const all = Object.entries(fields);
  return {
    version: 0,
    attributes: all.filter(([, field]) => field.kind === 'attribute').map(([name, field]) => attribute(name, field)),
    block_types: all
      .filter(([, field]) => field.kind === 'block')
      .map(([name, field]) => ({
        type_name: name,
        block: block(field.fields ?? {}),
        nesting: NESTINGS[field.nesting ?? 'single'],
        min_items: field.nesting === 'single' ? 0 : (field.min ?? 0),
        max_items: field.nesting === 'single' ? 0 : (field.max ?? 0),
      })),
  };
}

function attribute(name: string, { required, optional, computed, sensitive, writeOnly, ...field }: Field): object {
  const flags = {
    name,
    required: !!required,
    optional: !!optional,
    computed: !!computed,
    sensitive: !!sensitive,
    write_only: !!writeOnly,
  };
  if (!field.fields) return { ...flags, type: Buffer.from(JSON.stringify(field.type)) };
  const attributes = Object.entries(field.fields).map(([inner, of]) => attribute(inner, of));
  return { ...flags, nested_type: { attributes, nesting: NESTINGS[field.nesting ?? 'single'] } };
}
