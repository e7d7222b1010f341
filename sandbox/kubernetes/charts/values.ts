import { parse } from 'yaml';
import type { ChartFacts } from './chart';

/** Helm values: nested maps, lists and scalars. */
export type ChartValues = { [key: string]: unknown };

/** One `set`, `set_list` or `set_sensitive` entry. `type` is `auto` (the default), `string` or `literal`. */
export interface SetEntry {
  readonly name: string;
  readonly value: unknown;
  readonly type?: string;
}

const isMap = (value: unknown): value is ChartValues =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value at a dotted path, or undefined. */
export function valueAt(values: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (isMap(value) ? value[key] : undefined), values);
}

/** Whether a value is true; `!path` asks for false, `path=text` for equal. */
export function holds(values: unknown, condition: string): boolean {
  if (condition.startsWith('!')) return !holds(values, condition.slice(1));
  const [path = '', text] = condition.split('=');
  const value = valueAt(values, path);
  return text === undefined ? Boolean(value) : String(value) === text;
}

/** Merges as helm does: maps key by key, everything else replaced; null takes a default away. */
export function mergeValues(base: ChartValues, over: ChartValues): ChartValues {
  const merged = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const under = merged[key];
    merged[key] = isMap(under) && isMap(value) ? mergeValues(under, value) : value;
  }
  return merged;
}

/**
 * What a user gave, in helm's order: documents first to last, then `set` entries.
 *
 * @throws Error when a document is not a YAML map or a `set` name cannot be read.
 */
export function userValues(documents: readonly string[], sets: readonly SetEntry[]): ChartValues {
  let values: ChartValues = {};
  for (const text of documents) {
    const document = parse(text) ?? {};
    if (!isMap(document)) throw new Error(`values must be a YAML map, got: ${text.slice(0, 60)}`);
    values = mergeValues(values, document);
  }
  for (const entry of sets) values = mergeAt(values, segments(entry.name), scalar(entry)) as ChartValues;
  return values;
}

/** Splits `a.b[0].c\.d` into `a`, `b`, 0, `c.d`. */
function segments(name: string): (string | number)[] {
  const parts = name.match(/(?:\\.|[^.[\]])+|\[\d+\]/g);
  if (!parts) throw new Error(`failed parsing key "${name}": key is empty`);
  return parts.map((part) => (part.startsWith('[') ? Number(part.slice(1, -1)) : part.replace(/\\(.)/g, '$1')));
}

function mergeAt(target: unknown, [head, ...rest]: (string | number)[], value: unknown): unknown {
  if (head === undefined) return value;
  if (typeof head === 'number') {
    const list = Array.isArray(target) ? [...target] : [];
    list[head] = mergeAt(list[head], rest, value);
    return list;
  }
  const map = isMap(target) ? target : {};
  return { ...map, [head]: mergeAt(map[head], rest, value) };
}

/** Reads a `set` value: `auto` turns true, false, null, whole numbers and `{a,b}` into what they represent. */
function scalar({ value, type }: SetEntry): unknown {
  if (typeof value !== 'string' || type === 'literal') return value;
  if (/^\{.*\}$/.test(value)) return value === '{}' ? [] : value.slice(1, -1).split(',');
  const text = value.replace(/\\(.)/g, '$1');
  if (type === 'string') return text;
  if (text === 'true' || text === 'false') return text === 'true';
  if (text === 'null') return null;
  return /^(0|-?[1-9]\d*)$/.test(text) ? Number(text) : text;
}

/**
 * Keys that the chart would never read, with the nearest one that it does. Helm itself takes them silently.
 *
 * @returns one message a key; empty when all are known.
 */
export function unknownKeys(values: ChartValues, chart: ChartFacts): string[] {
  const walk = (given: ChartValues, known: ChartValues, path: string[]): string[] =>
    Object.entries(given).flatMap(([key, value]) => {
      const here = [...path, key].join('.');
      if (!(key in known)) {
        if (chart.partly?.includes(path.join('.'))) return [];
        const near = nearest(key, Object.keys(known));
        const hint = near
          ? `did you mean ${[...path, near].join('.')}?`
          : `known are: ${Object.keys(known).join(', ')}`;
        return [`chart ${chart.name} ${chart.version} has no value ${here}; ${hint}`];
      }
      const below = known[key];
      return isMap(value) && isMap(below) && Object.keys(below).length ? walk(value, below, [...path, key]) : [];
    });
  return walk(values, chart.values, []);
}

/** The candidate with the smallest edit distance, if it is at most half of the word. */
function nearest(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates.map((candidate) => ({ candidate, far: distance(word, candidate) }));
  const best = ranked.sort((a, b) => a.far - b.far)[0];
  return best && best.far <= Math.max(2, word.length / 2) ? best.candidate : undefined;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1]?.toLowerCase() === b[j - 1]?.toLowerCase() ? 0 : 1);
      next[j] = Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1);
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
