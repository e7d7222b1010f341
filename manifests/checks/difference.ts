import type { Json } from '../json';
import { nameOf } from './problem';

/**
 * The differences between two environments, for review: objects that only one of them has, and fields with both values.
 * Namespaces, environment labels and hashes in names are left out, since they always differ.
 */
export function difference(from: readonly Json[], to: readonly Json[]): string {
  const [before, after] = [keyed(from), keyed(to)];
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  const lines = names.flatMap((name) => {
    const [old, now] = [before.get(name), after.get(name)];
    if (!old) return [`+ ${name}`, ...[...leavesOf(now)].map(([path, value]) => `    ${path}: ${value}`)];
    if (!now) return [`- ${name}`];
    const [was, is] = [leavesOf(old), leavesOf(now)];
    const paths = [...new Set([...was.keys(), ...is.keys()])].filter((path) => was.get(path) !== is.get(path));
    const changed = paths.map((path) => `    ${path}: ${was.get(path) ?? '(none)'} -> ${is.get(path) ?? '(none)'}`);
    return changed.length ? [`~ ${name}`, ...changed] : [];
  });
  return `${lines.join('\n')}\n`;
}

function keyed(objects: readonly Json[]): Map<string, Json> {
  return new Map(
    objects.map((object) => {
      const { namespace: _, ...metadata } = object.metadata;
      const name = object.kind === 'Namespace' ? 'Namespace' : withoutHash(nameOf({ ...object, metadata }));
      return [name, object];
    }),
  );
}

/** Fields by path; list entries by their name where they have one. */
function leavesOf(node: unknown, path = '', found = new Map<string, string>()): Map<string, string> {
  if (typeof node !== 'object' || node === null) {
    if (!isNoise(path)) found.set(path, withoutHash(JSON.stringify(node)));
    return found;
  }
  for (const [key, value] of Object.entries(node)) {
    const name = Array.isArray(node) ? `[${(value as Json)?.name ?? key}]` : `${path && '.'}${key}`;
    leavesOf(value, path + name, found);
  }
  return found;
}

function isNoise(path: string): boolean {
  return /(^metadata\.(name|namespace)|labels\.(environment|provider))$/.test(path);
}

function withoutHash(text: string): string {
  return text.replace(/-[0-9bcdfghkmt2456789]{10}(?="?$)/, '');
}
