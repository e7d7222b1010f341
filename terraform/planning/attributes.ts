import type { ResourceChange, ValueChange } from '../plan';
import type { AttributeChange } from './result';

/** Longest value that a summary shows, in characters. */
const SHOWN = 80;

/**
 * Attributes that the google provider computes from `labels`.
 * See https://registry.terraform.io/providers/hashicorp/google/6.50.0/docs/guides/provider_reference#default_labels
 */
const COMPUTED = ['effective_labels', 'terraform_labels'];

type Path = readonly (string | number)[];

/** What an update changes, by the path of each value. Sensitive values are masked wherever terraform marks them. */
export function changedAttributes(change: ValueChange): AttributeChange[] {
  const all = differences(change.before, change.after, change.after_unknown, []);
  // What the provider computes, such as a fingerprint or the labels with its own, follows from the others.
  const chosen = all.filter((path) => at(change.after_unknown, path) !== true && !COMPUTED.includes(String(path[0])));
  return (chosen.length > 0 ? chosen : all).map((path) => shown(change, path));
}

/** The attributes that force a replacement. */
export function forcingAttributes({ change }: ResourceChange): AttributeChange[] {
  return (change.replace_paths ?? []).map((path) => shown(change, path));
}

function shown(change: ValueChange, path: Path): AttributeChange {
  const unknown = at(change.after_unknown, path) === true;
  return {
    path: nameOf(path),
    before: display(at(change.before, path), isSensitive(change.before_sensitive, path)),
    after: unknown ? '(known after apply)' : display(at(change.after, path), isSensitive(change.after_sensitive, path)),
  };
}

/** Paths at which two values differ. A list whose length changes differs as a whole, as terraform shows it. */
function differences(before: unknown, after: unknown, unknown: unknown, path: Path): Path[] {
  if (unknown === true) return [path];
  const keys = keysOf(before, after, unknown);
  if (!keys) return JSON.stringify(before ?? null) === JSON.stringify(after ?? null) ? [] : [path];
  return keys.flatMap((key) => differences(at(before, [key]), at(after, [key]), at(unknown, [key]), [...path, key]));
}

/** The keys to compare two values by; undefined for values that are compared as they are. */
function keysOf(before: unknown, after: unknown, unknown: unknown): Path | undefined {
  if (Array.isArray(before) && Array.isArray(after))
    return before.length === after.length ? before.map((_, index) => index) : undefined;
  if (!isObject(before) || !isObject(after)) return undefined;
  const names = [before, after, isObject(unknown) ? unknown : {}].flatMap((one) => Object.keys(one));
  return [...new Set(names)].sort();
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[key] : undefined),
    value,
  );
}

/** True when the value at a path is sensitive, is inside a sensitive value, or holds one. */
function isSensitive(marks: unknown, path: Path): boolean {
  const inside = path.some((_, index) => at(marks, path.slice(0, index)) === true);
  return inside || holdsTrue(at(marks, path));
}

function holdsTrue(marks: unknown): boolean {
  if (marks === true) return true;
  return typeof marks === 'object' && marks !== null && Object.values(marks).some(holdsTrue);
}

function display(value: unknown, sensitive: boolean): string {
  if (sensitive) return '(sensitive)';
  if (value === undefined || value === null) return '(none)';
  const written = typeof value === 'string' ? value : JSON.stringify(value);
  const line = written.replace(/\s+/g, ' ').trim();
  return line.length > SHOWN ? `${line.slice(0, SHOWN)}… (${written.length} characters)` : line;
}

/** `['boot_disk', 0, 'source']` -> `boot_disk[0].source`. */
function nameOf(path: Path): string {
  return path.map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index > 0 ? '.' : ''}${key}`)).join('');
}
