import type { z } from 'zod';
import type { K0sVm } from '../cluster';
import type { Platform } from '../form';
import type { Problem } from '../problems';

type Issue = z.core.$ZodIssue;

/** Says what is wrong with the value at a path. @param input - value to show. @default - the one at the path */
export type Refuse = (path: readonly string[], message: string, input?: unknown) => void;

/** A rule between the parts of a platform. */
export interface Rule {
  /** What it looks at; `*` is any key. While one of these is wrong in itself, the rule has nothing to say. */
  readonly reads: readonly string[];
  /** Looks at a description as it was written: what has a default may be missing. */
  check(platform: Platform, refuse: Refuse): void;
}

/**
 * The problems that rules find in a description. What is wrong in one place does not silence the rules of another.
 *
 * @param issues - what is wrong with the parts, each by itself
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

/** The environments whose cluster is a VM of ours. */
export function vmsOf({ environments }: Platform): { env: string; cluster: K0sVm }[] {
  return Object.entries(environments).flatMap(([env, { cluster }]) =>
    cluster.kind === 'k0s-vm' ? [{ env, cluster }] : [],
  );
}

/** Pairs of entries, each pair once. */
export function pairs<T>(entries: readonly T[]): [T, T][] {
  return entries.flatMap((a, index) => entries.slice(index + 1).map((b): [T, T] => [a, b]));
}

/** True when the issue lies at, above or below what a rule reads. A key too many concerns nobody. */
function concerns({ code, path }: Issue, read: string): boolean {
  if (code === 'unrecognized_keys') return false;
  const parts = read.split('.');
  return path.slice(0, parts.length).every((key, index) => parts[index] === '*' || parts[index] === key);
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}
