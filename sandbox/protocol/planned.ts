import type { ArgumentRules, Context } from './behaviour';
import type { Field, Fields } from './schema/field';
import { equal, hasUnknown, isObject, isUnknown, UNKNOWN, type Value, type Values } from './values';

/**
 * What core proposes, with everything that the cloud will decide marked as unknown: each computed attribute without a
 * value, except where the resource, or that element of its blocks, is there already.
 */
export function withUnknowns(fields: Fields, proposed: Values, prior: Values | null): Values {
  return mapFields(fields, (name, field) => {
    const value = proposed[name] ?? null;
    if (!prior && isBrought(field, value)) return UNKNOWN;
    return field.fields ? inElements(field, field.fields, value, prior?.[name] ?? null) : value;
  });
}

/**
 * What core proposes as the providers' SDK sees it: with their defaults, without write-only values, and a list that holds
 * something unknown as unknown itself.
 */
export function withDefaults(fields: Fields, proposed: Values): Values {
  return mapFields(fields, (name, field) => {
    const value = proposed[name] ?? null;
    if (field.writeOnly) return null;
    if (value === null) return field.computed ? null : (field.facts?.default ?? null);
    if (field.fields) return eachElement(field.fields, value, withDefaults);
    return field.facts && hasUnknown(value) ? UNKNOWN : value;
  });
}

/**
 * What is proposed, with the prior value wherever the provider takes the two for the same: by a rule, or because to the
 * SDK what is not set is the same as empty, false or zero.
 */
export function keepSame(
  fields: Fields,
  rules: ArgumentRules,
  prior: Values,
  proposed: Values,
  context: Context,
  around = { path: '', values: proposed },
): Values {
  return mapFields(fields, (name, field) => {
    const [before, after] = [prior[name] ?? null, proposed[name] ?? null];
    const path = `${around.path}${name}`;
    if (isUnknown(after) || equal(before, after)) return after;
    if (field.facts?.computed && isBrought(field, after)) return before;
    const rule = rules[path];
    const same = typeof rule === 'object' ? rule.same : undefined;
    if (same && before !== null && after !== null && same(before, after, around.values, context)) return before;
    const inner = field.fields;
    if (inner && field.nesting !== 'set' && Array.isArray(before) && Array.isArray(after)) {
      return after.map((element, index) => {
        const old = before[index];
        const inside = { ...around, path: `${path}.` };
        return isObject(element) && isObject(old) ? keepSame(inner, rules, old, element, context, inside) : element;
      });
    }
    if (field.facts && !field.computed && isZero(before) && isZero(after)) return before;
    return after;
  });
}

/** Whether the cloud decides what is here, since the configuration does not. */
function isBrought(field: Field, value: Value): boolean {
  if (field.kind === 'attribute') return !!field.computed && value === null;
  return !!field.facts?.computed && Array.isArray(value) && value.length === 0;
}

function isZero(value: Value): boolean {
  return value === null || value === '' || value === false || value === 0;
}

function eachElement(fields: Fields, value: Value, change: (fields: Fields, element: Values) => Values): Value {
  if (Array.isArray(value)) return value.map((element) => (isObject(element) ? change(fields, element) : element));
  return isObject(value) ? change(fields, value) : value;
}

function inElements(field: Field, fields: Fields, value: Value, prior: Value): Value {
  if (value === null || value === UNKNOWN) return value;
  const one = (element: Value, before: Value | undefined): Value =>
    isObject(element) ? withUnknowns(fields, element, isObject(before) ? before : null) : element;
  if (Array.isArray(value)) {
    const olds = Array.isArray(prior) ? prior : [];
    const old = (element: Value, index: number) =>
      field.nesting === 'set' ? olds.find((other) => equal(other, element)) : olds[index];
    return value.map((element, index) => one(element, old(element, index)));
  }
  if (field.nesting === 'map' && isObject(value)) {
    const olds = isObject(prior) ? prior : {};
    return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, one(element, olds[key])]));
  }
  return one(value, prior);
}

/** Marks the attribute at a path as unknown, unless the configuration sets it. */
export function markUnknown(values: Values, config: Values, path: string): Values {
  const [head = '', ...rest] = path.split('.');
  const value = values[head];
  const configured = config[head] ?? null;
  if (value === undefined) return values;
  if (rest.length === 0) return configured === null ? { ...values, [head]: UNKNOWN } : values;
  const inside = (element: Value, of: Value | undefined): Value =>
    isObject(element) ? markUnknown(element, isObject(of) ? of : {}, rest.join('.')) : element;
  const forgotten = Array.isArray(value)
    ? value.map((element, index) => inside(element, Array.isArray(configured) ? configured[index] : undefined))
    : inside(value, configured);
  return { ...values, [head]: forgotten };
}

/**
 * The state after an operation: what was planned as known, and for the rest what the cloud answered. What it left out
 * is null, or no blocks. The cloud may know more of its object than the provider shows: that is left out.
 */
export function settled(fields: Fields, planned: Values, answered: Values): Values {
  return mapFields(fields, (name, field) => settledField(field, planned[name], answered[name]));
}

function settledField(field: Field, planned: Value | undefined, answered: Value | undefined): Value {
  if (planned === undefined || planned === UNKNOWN) return shown(field, answered);
  if (!field.fields || planned === null) return hasUnknown(planned) ? filled(planned, answered) : planned;
  const fields = field.fields;
  const one = (element: Value, answer: Value | undefined): Value =>
    isObject(element) ? settled(fields, element, isObject(answer) ? answer : {}) : element;
  if (Array.isArray(planned))
    return planned.map((element, index) => one(element, Array.isArray(answered) ? answered[index] : {}));
  if (field.nesting === 'map' && isObject(planned)) {
    const answers = isObject(answered) ? answered : {};
    return Object.fromEntries(Object.entries(planned).map(([key, element]) => [key, one(element, answers[key])]));
  }
  return one(planned, answered);
}

/** The cloud's own answer, in the form of the schema: one object is a list of one block, a number is its text. */
function shown(field: Field, answered: Value | undefined): Value {
  const isRepeated = field.kind === 'block' && field.nesting !== 'single';
  if (answered === undefined || answered === null || answered === UNKNOWN) return isRepeated ? [] : null;
  if (!field.fields && hasUnknown(answered)) return filled(answered, null);
  if (!field.fields) return field.type === 'string' && typeof answered !== 'object' ? String(answered) : answered;
  const fields = field.fields;
  const one = (element: Value): Value => (isObject(element) ? settled(fields, {}, element) : element);
  if (Array.isArray(answered)) return answered.map(one);
  if (isRepeated && field.nesting !== 'map') return [one(answered)];
  if (field.nesting !== 'map' || !isObject(answered)) return one(answered);
  return Object.fromEntries(Object.entries(answered).map(([key, element]) => [key, one(element)]));
}

/** A value of no known fields, with its unknown parts taken from an answer. */
function filled(planned: Value, answered: Value | undefined): Value {
  if (planned === UNKNOWN) return answered === undefined || hasUnknown(answered) ? null : answered;
  if (Array.isArray(planned))
    return planned.map((element, index) => filled(element, Array.isArray(answered) ? answered[index] : null));
  if (!isObject(planned)) return planned;
  const answers = isObject(answered) ? answered : {};
  return Object.fromEntries(Object.entries(planned).map(([key, element]) => [key, filled(element, answers[key])]));
}

/** A value with everything unknown taken as not set. */
export function knownOnly(value: Value): Value {
  return hasUnknown(value) ? filled(value, null) : value;
}

function mapFields(fields: Fields, value: (name: string, field: Field) => Value): Values {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, value(name, field)]));
}
