import { fieldOf, isObject } from '../../json';
import { ApiError } from '../api-server/api';

/** Content types of patches. Server-side apply is no patch of this kind. */
export type PatchType =
  | 'application/merge-patch+json'
  | 'application/strategic-merge-patch+json'
  | 'application/json-patch+json'
  | 'application/apply-patch+yaml';

type Json = Record<string, unknown>;

/** Keys by which strategic merge finds elements of a list again, in the order they are tried. Source: API struct tags. */
const MERGE_KEYS = ['name', 'containerPort', 'port', 'mountPath', 'devicePath', 'ip', 'uid', 'type', 'topologyKey'];

/** Applies a patch to a copy of an object. */
export function patch(object: Json, change: unknown, type: PatchType): Json {
  if (type === 'application/json-patch+json') return (change as Operation[]).reduce(operate, structuredClone(object));
  return merge(object, isObject(change) ? change : {}, type === 'application/strategic-merge-patch+json');
}

function merge(before: unknown, change: Json, strategic: boolean): Json {
  const next: Json = isObject(before) ? { ...before } : {};
  for (const [key, value] of Object.entries(change)) {
    if (strategic && key.startsWith('$')) continue;
    if (value === null) delete next[key];
    else if (isObject(value))
      next[key] = strategic && value['$patch'] === 'replace' ? without(value) : merge(next[key], value, strategic);
    else if (strategic && Array.isArray(value)) next[key] = mergeLists(next[key], value);
    else next[key] = value;
  }
  return next;
}

function mergeLists(before: unknown, change: unknown[]): unknown[] {
  const key = MERGE_KEYS.find((candidate) => change.every((element) => isObject(element) && candidate in element));
  if (!Array.isArray(before) || !key) return change;
  const changes = change.filter(isObject);
  const kept = before.flatMap((element: Json) => {
    const found = changes.find((other) => other[key] === element[key]);
    if (found?.['$patch'] === 'delete') return [];
    return [found ? merge(element, found, true) : element];
  });
  const isNew = (element: Json) =>
    element['$patch'] !== 'delete' && !before.some((other: Json) => other[key] === element[key]);
  return [...kept, ...changes.filter(isNew)];
}

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

function operate(object: Json, { op, path, value }: Operation): Json {
  const keys = path
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = keys.pop() ?? '';
  const parent = keys.reduce<unknown>(fieldOf, object);
  if (!isObject(parent) && !Array.isArray(parent))
    throw new ApiError(
      422,
      'Invalid',
      `the server rejected our request due to an error in our request: ${op} ${path}: no such path`,
    );
  if (Array.isArray(parent)) {
    const index = last === '-' ? parent.length : Number(last);
    if (op === 'add') parent.splice(index, 0, value);
    else if (op === 'remove') parent.splice(index, 1);
    else if (op === 'replace') parent[index] = value;
  } else if (op === 'remove') delete parent[last];
  else if (op === 'add' || op === 'replace') parent[last] = value;
  return object;
}

function without(value: Json): Json {
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== '$patch'));
}
