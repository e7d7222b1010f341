import type { z } from 'zod';
import type { K0sVm } from '../cluster';
import type { Platform } from '../form';
import type { Problem } from '../problems';

type Issue = z.core.$ZodIssue;

/** Reports a problem with the value at a path. @param input - value to show. @default - the value at the path */
export type Refuse = (path: readonly string[], message: string, input?: unknown) => void;

/** A rule between fields of a platform. */
export interface Rule {
  /** Paths of the fields that it reads; `*` is any key. The rule is skipped if one of these fields is invalid. */
  readonly reads: readonly string[];
  /** Checks a description before defaults are filled in: fields with a default may be missing. */
  check(platform: Platform, refuse: Refuse): void;
}

/**
 * The problems that rules find in a description. An invalid field skips only the rules that read it.
 *
 * @param issues - the issues of single fields.
 */
export function problemsBetween(description: unknown, issues: readonly Issue[], rules: readonly Rule[]): Problem[] {
  const problems: Problem[] = [];
  const refuse: Refuse = (path, message, input = valueAt(description, path)) => problems.push({ path, input, message });
  for (const { reads, check } of rules) {
    const sound = !issues.some((issue) => reads.some((read) => concerns(issue, read)));
    if (sound) check(description as Platform, refuse);
  }
  return problems;
}

/** The environments whose cluster is a `k0s-vm`. */
export function vmsOf({ environments }: Platform): { env: string; cluster: K0sVm }[] {
  return Object.entries(environments).flatMap(([env, { cluster }]) =>
    cluster.kind === 'k0s-vm' ? [{ env, cluster }] : [],
  );
}

/** All pairs of entries, each pair once. */
export function pairs<T>(entries: readonly T[]): [T, T][] {
  return entries.flatMap((a, index) => entries.slice(index + 1).map((b): [T, T] => [a, b]));
}

/** True if the issue is at, above or below a path that a rule reads. An unknown key does not affect any rule. */
function concerns({ code, path }: Issue, read: string): boolean {
  if (code === 'unrecognized_keys') return false;
  const parts = read.split('.');
  return path.slice(0, parts.length).every((key, index) => parts[index] === '*' || parts[index] === key);
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}
