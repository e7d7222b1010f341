import type { ArgumentFacts } from './schema/argument-facts';
import type { Field, Fields } from './schema/field';

/** The facts of one type, by argument path without indexes. An argument that is not in it has none of them. */
export type ResourceFacts = Readonly<Record<string, ArgumentFacts>>;

/** `rules.json` of a provider, which `sandbox/tools/rules.ts` writes. */
export interface ProviderFacts {
  /** `hashicorp/google 6.50.0`. */
  readonly provider: string;
  /** By type; an alias names the type that has the same arguments. */
  readonly resources: Readonly<Record<string, ResourceFacts | string>>;
}

/** The facts of a type. Undefined when the provider's table does not have it. */
export function factsOf(facts: ProviderFacts | undefined, type: string): ResourceFacts | undefined {
  const own = facts?.resources[type];
  return typeof own === 'string' ? factsOf(facts, own) : own;
}

/** A schema in which each argument knows its facts. @throws Error on a path that the schema does not have. */
export function withFacts(type: string, fields: Fields, facts: ResourceFacts): Fields {
  const left = new Set(Object.keys(facts));
  const annotated = annotate(fields, facts, '', false, left);
  if (left.size > 0) throw new Error(`${type} has no argument ${[...left].join(', ')}: write its rules again`);
  return annotated;
}

function annotate(fields: Fields, facts: ResourceFacts, prefix: string, inSet: boolean, left: Set<string>): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => {
      const path = prefix + name;
      left.delete(path);
      const own = { ...unsetIn(field, inSet), ...facts[path] };
      const inner = field.fields && annotate(field.fields, facts, `${path}.`, inSet || field.nesting === 'set', left);
      return [name, { ...field, ...(inner && { fields: inner }), ...limits(field, own), facts: own }];
    }),
  );
}

/** In elements of a set the providers' SDK plans an unset string as an empty one. */
function unsetIn(field: Field, inSet: boolean): ArgumentFacts {
  return inSet && field.type === 'string' && field.optional && !field.computed ? { default: '' } : {};
}

function limits(field: Field, { max, min, sensitive, writeOnly }: ArgumentFacts): Partial<Field> {
  const isBlock = field.kind === 'block';
  return {
    ...(isBlock && max !== undefined && { max }),
    ...(isBlock && min !== undefined && { min }),
    ...(sensitive && { sensitive }),
    ...(writeOnly && { writeOnly }),
  };
}
