import { isArgument, isMap, leavesOf } from './arguments';
import type { CtyType, Field, Fields } from './schema/field';
import type { Step } from './tfplugin6';
import { equal, isObject, UNKNOWN, type Value, type Values } from './values';

/** One argument that changes. */
export interface Difference {
  /** Without list indexes. */
  readonly path: string;
  readonly steps: readonly Step[];
  readonly before: Value;
  readonly after: Value;
  readonly sensitive: boolean;
  /** When blocks come or go: the arguments inside them, in case there is no rule for the block itself. */
  readonly inside: readonly string[];
}

interface Place {
  readonly path: string;
  readonly steps: readonly Step[];
  readonly sensitive: boolean;
}

/** The arguments that differ between two states of a resource, as deep as core can name them. */
export function differences(fields: Fields, before: Values, after: Values): Difference[] {
  return inFields(fields, before, after, { path: '', steps: [], sensitive: false });
}

function inFields(fields: Fields, before: Values, after: Values, at: Place): Difference[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    // Core keeps the value of a computed argument that the configuration leaves out: null is that of a new element.
    if (!isArgument(field) || (field.computed && (after[name] ?? null) === null)) return [];
    const place = {
      path: at.path ? `${at.path}.${name}` : name,
      steps: [...at.steps, { attribute_name: name }],
      sensitive: at.sensitive || !!field.sensitive,
    };
    return inField(field, before[name] ?? null, after[name] ?? null, place);
  });
}

function inField(field: Field, before: Value, after: Value, place: Place): Difference[] {
  if (equal(before, after)) return [];
  if (before === UNKNOWN || after === UNKNOWN) return [whole(before, after, place)];
  if (field.fields) return inBlocks(field, field.fields, before, after, place);
  if (isSet(field.type) && sameElements(before, after)) return [];
  if (isMap(field.type) || field.type === 'dynamic') return inKeys(before, after, place, isMap(field.type));
  return [whole(before, after, place)];
}

function inBlocks(field: Field, fields: Fields, before: Value, after: Value, place: Place): Difference[] {
  if (isObject(before) && isObject(after) && field.nesting === 'single') return inFields(fields, before, after, place);
  const [old, now] = [before, after].map((value) => (Array.isArray(value) ? value : value === null ? [] : [value]));
  if (!old || !now) return [];
  if (field.nesting === 'list' && old.length === now.length) {
    return old.flatMap((element, index) => {
      const inside = { ...place, steps: [...place.steps, { element_key_int: index }] };
      return isObject(element) && isObject(now[index]) ? inFields(fields, element, now[index], inside) : [];
    });
  }
  const gone = without(old, now);
  const come = without(now, old);
  const [one, other] = [gone[0], come[0]];
  if (gone.length === 1 && come.length === 1 && isObject(one) && isObject(other)) {
    // Core cannot name an element of a set: the steps end at the set.
    return inFields(fields, one, other, place).map((difference) => ({ ...difference, steps: place.steps }));
  }
  if (gone.length + come.length === 0 && field.nesting === 'set') return [];
  const inside = [...gone, ...come].flatMap((element) => leavesOf(field, element, place.path));
  return [{ ...whole(before, after, place), inside }];
}

/** A map by its keys, a free-form value at every depth, although core only knows it as a whole. */
function inKeys(before: Value, after: Value, place: Place, isMap: boolean): Difference[] {
  if (equal(before, after)) return [];
  if (!isObject(before ?? {}) || !isObject(after ?? {})) return [whole(before, after, place)];
  const [old, now] = [(before ?? {}) as Values, (after ?? {}) as Values];
  const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  return keys.flatMap((key) => {
    const path = `${place.path}.${key}`;
    const [was, is] = [old[key] ?? null, now[key] ?? null];
    if (!isMap) return inKeys(was, is, { ...place, path }, false);
    const steps = [...place.steps, { element_key_string: key }];
    return equal(was, is) ? [] : [whole(was, is, { ...place, path, steps })];
  });
}

function whole(before: Value, after: Value, place: Place): Difference {
  return { ...place, before, after, inside: [] };
}

function isSet(type: CtyType | undefined): boolean {
  return typeof type === 'object' && type[0] === 'set';
}

function sameElements(before: Value, after: Value): boolean {
  if (!Array.isArray(before) || !Array.isArray(after)) return false;
  return without(before, after).length === 0 && without(after, before).length === 0;
}

function without(elements: Value[], others: Value[]): Value[] {
  return elements.filter((element) => !others.some((other) => equal(element, other)));
}
