import type { ArgumentRule, ArgumentRules } from './behaviour';
import type { CtyType, Field, Fields } from './schema/field';
import type { Step } from './tfplugin6';
import { isObject, UNKNOWN, type Value, type Values } from './values';

/** One place in a value: the path without list indexes that rules use, and the exact steps that core wants. */
export interface Place {
  readonly path: string;
  /** Ends where core cannot follow: at a set, and at a free-form value. */
  readonly steps: readonly Step[];
  readonly value: Value;
}

/** `timeouts` are waited for by the provider itself: every resource may have them and change them. */
const TIMEOUTS: ArgumentRule = { change: 'in-place' };

/** The rule of a path: its own, or that of the nearest argument around it. */
export function ruleFor(rules: ArgumentRules, path: string): ArgumentRule | undefined {
  if (isTimeouts(path)) return TIMEOUTS;
  for (const prefix of prefixesOf(path)) {
    const rule = rules[prefix];
    if (rule) return typeof rule === 'string' ? { change: rule } : rule;
  }
  return undefined;
}

/** A path and those of the arguments around it, from the inside out. */
export function prefixesOf(path: string): string[] {
  const names = path.split('.');
  return names.map((_, index) => names.slice(0, names.length - index).join('.'));
}

/** Whether a path is the `timeouts` block or inside it. */
export function isTimeouts(path: string): boolean {
  return path === 'timeouts' || path.startsWith('timeouts.');
}

/** Whether a configuration may set the field. */
export function isArgument(field: Field): boolean {
  return field.kind === 'block' || !!field.required || !!field.optional;
}

/** Every configured argument without nested arguments, including maps and free-form values. */
export function argumentPaths(fields: Fields, values: Values, prefix = ''): string[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    const value = values[name];
    const path = prefix + name;
    if (!isArgument(field) || isTimeouts(path) || value === null || value === undefined) return [];
    return field.fields ? elementsOf(value).flatMap((element) => leavesOf(field, element, path)) : [path];
  });
}

/** The configured arguments inside one element of a block, or the block itself when it is empty. */
export function leavesOf(field: Field, element: Value, path: string): string[] {
  const leaves = isObject(element) ? argumentPaths(field.fields ?? {}, element, `${path}.`) : [];
  return leaves.length > 0 ? leaves : [path];
}

/** Every value at a path, one for each element of the lists on the way. */
export function placesAt(fields: Fields, values: Values, path: string): Place[] {
  const [head = '', ...rest] = path.split('.');
  const field = fields[head];
  const value = values[head];
  if (!field || value === null || value === undefined) return [];
  return within(field, value, rest, { path, steps: [{ attribute_name: head }], value });
}

function within(field: Field, value: Value, rest: readonly string[], place: Place): Place[] {
  if (rest.length === 0) return [{ ...place, value }];
  if (!field.fields) {
    const inner = rest.reduce<Value | undefined>((outer, key) => (isObject(outer) ? outer[key] : undefined), value);
    const steps =
      rest.length === 1 && isMap(field.type) ? [...place.steps, { element_key_string: rest[0] ?? '' }] : place.steps;
    return inner === undefined || inner === null ? [] : [{ ...place, steps, value: inner }];
  }
  const fields = field.fields;
  const inElement = (element: Value, steps: readonly Step[]) =>
    isObject(element)
      ? placesAt(fields, element, rest.join('.')).map((inner) => ({
          path: place.path,
          steps: field.nesting === 'set' ? steps : [...steps, ...inner.steps],
          value: inner.value,
        }))
      : [];
  if (field.nesting === 'list' && Array.isArray(value)) {
    return value.flatMap((element, index) => inElement(element, [...place.steps, { element_key_int: index }]));
  }
  return elementsOf(value).flatMap((element) => inElement(element, place.steps));
}

/** The elements of a list or a set; any other value is its own only element. */
function elementsOf(value: Value): Value[] {
  return Array.isArray(value) ? value : value === null || value === UNKNOWN ? [] : [value];
}

/** Whether a type is a map. */
export function isMap(type: CtyType | undefined): boolean {
  return typeof type === 'object' && type[0] === 'map';
}
