import type { Json } from '../json';

/** An object that a validator has read: its path, and its known fields. */
interface Visit {
  readonly keys: readonly string[];
  readonly value: object;
  readonly known: Set<string>;
}

/** A field that no validator has read, and those that it has read. */
export interface Unread {
  readonly keys: readonly string[];
  readonly known: readonly string[];
}

/**
 * Closes an open schema: the fields of a value that a validator did not read. A validator reads each field that its
 * schema names, set or not, and nothing of an object whose fields the schema leaves free.
 */
export function unread(value: Json, validator: (watched: Json) => void): Unread[] {
  const visits: Visit[] = [];
  validator(watch(value, [], visits));
  return visits
    .filter(({ value, known }) => !Array.isArray(value) && known.size > 0)
    .flatMap(({ keys, value, known }) =>
      Object.keys(value)
        .filter((key) => !known.has(key))
        .map((key) => ({ keys: [...keys, key], known: [...known].sort() })),
    );
}

function watch(value: Json, keys: readonly string[], visits: Visit[]): Json {
  if (typeof value !== 'object' || value === null) return value;
  const known = new Set<string>();
  visits.push({ keys, value, known });
  const inner = new Map<string, Json>();
  return new Proxy(value, {
    get(target, key) {
      if (typeof key === 'symbol') return Reflect.get(target, key);
      known.add(key);
      // One copy each: alternatives of a schema read the same value, and know its fields together.
      if (!inner.has(key)) inner.set(key, watch(Reflect.get(target, key), [...keys, key], visits));
      return inner.get(key);
    },
  });
}
