import { isArgument, placesAt } from './arguments';
import type { ArgumentRules } from './behaviour';
import { problemsOf } from './checks';
import { refusal } from './diagnostics';
import type { Field, Fields } from './schema/field';
import type { Served } from './served';
import type { Diagnostic, Step } from './tfplugin6';
import { hasUnknown, isObject, isUnknown, type Value, type Values } from './values';

/** One argument in a configuration, set or not. */
interface Argument {
  readonly field: Field;
  readonly value: Value;
  /** Its name as the providers' SDK writes it: `replication.0.auto`. */
  readonly key: string;
  readonly steps: readonly Step[];
}

/** What is wrong with a configuration: by the provider's table, and by the additional rules. Unknown values are not checked. */
export function problemsIn({ behaviour, fields }: Served<{ arguments: ArgumentRules }>, config: Values): Diagnostic[] {
  const table = argumentsIn(fields, config, '', []).flatMap((argument) => [
    ...brokenChecks(argument),
    ...brokenCombinations(argument, fields, config),
  ]);
  return [...table, ...brokenRules(behaviour.arguments, fields, config)];
}

function brokenRules(rules: ArgumentRules, fields: Fields, config: Values): Diagnostic[] {
  return Object.entries(rules).flatMap(([path, rule]) => {
    const check = typeof rule === 'string' ? undefined : rule.check;
    if (!check) return [];
    return placesAt(fields, config, path).flatMap(({ value, steps }) => {
      const wrong = hasUnknown(value) ? undefined : check(value, config);
      return wrong ? [refusal(`invalid ${path}`, wrong, steps)] : [];
    });
  });
}

/** Every argument of the blocks that a configuration has. */
function argumentsIn(fields: Fields, values: Values, prefix: string, at: readonly Step[]): Argument[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    if (!isArgument(field)) return [];
    const value = values[name] ?? null;
    const key = prefix + name;
    const steps = [...at, { attribute_name: name }];
    const inner = field.fields
      ? blocksOf(value).flatMap((block, index) => {
          // Core cannot name an element of a set: the steps end at the set.
          const inside = field.nesting === 'list' ? [...steps, { element_key_int: index }] : steps;
          return argumentsIn(field.fields ?? {}, block, `${key}.${index}.`, inside);
        })
      : [];
    return [{ field, value, key, steps }, ...inner];
  });
}

function blocksOf(value: Value): Values[] {
  return (Array.isArray(value) ? value : [value]).filter(isObject);
}

function brokenChecks({ field, value, key, steps }: Argument): Diagnostic[] {
  const { checks = [], max } = field.facts ?? {};
  const elements = Array.isArray(value) ? value.map((element, index) => [element, `${key}.${index}`] as const) : [];
  const found = (elements.length > 0 ? elements : [[value, key] as const]).flatMap(([element, name]) =>
    checks.flatMap((check) => problemsOf(check, element, name)),
  );
  if (max !== undefined && !field.fields && elements.length > max) {
    found.push(
      `Too many list items: Attribute ${key} supports ${max} item maximum, but config has ${elements.length} declared.`,
    );
  }
  return found.map((problem) => refusal(problem, '', steps));
}

/** Messages of the providers' SDK. Source: `schemaMap.validate` of terraform-plugin-sdk 2. */
function brokenCombinations({ field, value, key, steps }: Argument, fields: Fields, config: Values): Diagnostic[] {
  const { conflictsWith = [], exactlyOneOf, atLeastOneOf, requiredWith } = field.facts ?? {};
  const found: Diagnostic[] = [];
  const find = (other: string) => valueAt(fields, config, other);
  const all = (others: readonly string[]) => [...new Set([...others, key])].sort();
  const quoted = (keys: readonly string[]) => `\`${keys.join(',')}\``;
  if (exactlyOneOf) {
    const set = all(exactlyOneOf).filter((other) => isSet(find(other)));
    const isOpen = all(exactlyOneOf).some((other) => isUnknown(find(other)));
    const of = quoted(all(exactlyOneOf));
    const summary = 'Invalid combination of arguments';
    if (set.length === 0 && !isOpen) found.push(refusal(summary, `"${key}": one of ${of} must be specified`, steps));
    if (set.length > 1) {
      const detail = `"${key}": only one of ${of} can be specified, but ${quoted(set)} were specified.`;
      found.push(refusal(summary, detail, steps));
    }
  }
  if (atLeastOneOf && !all(atLeastOneOf).some((other) => isSet(find(other)) || isUnknown(find(other)))) {
    found.push(
      refusal('Missing required argument', `"${key}": one of ${quoted(all(atLeastOneOf))} must be specified`, steps),
    );
  }
  if (!isSet(settingOf(field, value)) && !isUnknown(value)) return found;
  if (requiredWith && !all(requiredWith).every((other) => isSet(find(other)) || isUnknown(find(other)))) {
    found.push(
      refusal('Missing required argument', `"${key}": all of ${quoted(all(requiredWith))} must be specified`, steps),
    );
  }
  const conflict = conflictsWith.find((other) => isSet(find(other)));
  if (conflict)
    found.push(refusal('Conflicting configuration arguments', `"${key}": conflicts with ${conflict}`, steps));
  return found;
}

/** The value at a path such as `replication.0.auto`. A path without the index of a block has none. */
function valueAt(fields: Fields, values: Values, key: string): Value {
  const [head = '', index, ...rest] = key.split('.');
  const value = values[head] ?? null;
  const field = fields[head];
  if (index === undefined) return settingOf(field, value);
  if (!Array.isArray(value)) return isUnknown(value) ? value : null;
  const element = value[Number(index)];
  if (rest.length === 0) return element ?? null;
  return field?.fields && isObject(element) ? valueAt(field.fields, element, rest.join('.')) : null;
}

/** A block that is not there is an empty list. */
function settingOf(field: Field | undefined, value: Value): Value {
  return field?.kind === 'block' && Array.isArray(value) && value.length === 0 ? null : value;
}

function isSet(value: Value): boolean {
  return value !== null && !isUnknown(value);
}
