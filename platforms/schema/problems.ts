import type { z } from 'zod';
import { UsageError } from '../../errors';

type RawIssue = z.core.$ZodRawIssue;

/** Problems in one message. */
const MOST = 50;

/** Longest value in a message, in characters. */
const LONGEST = 300;

/** An invalid platform description. The message lists every problem. */
export class PlatformError extends UsageError {
  constructor(
    subject: string,
    readonly problems: readonly string[],
  ) {
    super(
      `${subject} is not valid:\n${listed(problems)
        .map((problem) => `  ${problem}`)
        .join('\n')}`,
    );
  }
}

/** Problems for a screen: as many as a person corrects at a time. */
export function listed(problems: readonly string[]): readonly string[] {
  if (problems.length <= MOST) return problems;
  return [...problems.slice(0, MOST), `and ${problems.length - MOST} more problems`];
}

/** A problem with the value at a path. */
export interface Problem {
  /** Keys from the top of the description to the value. */
  readonly path: readonly PropertyKey[];
  /** The value got; undefined if it is missing. */
  readonly input: unknown;
  /** The rule that it breaks, and what to do. */
  readonly message: string;
}

/**
 * Validates a value against a schema and returns it with defaults filled in.
 *
 * @param further - finds problems between fields, given the issues of single fields. @default - none
 * @throws {PlatformError} listing every problem: path, value got, rule and what to do.
 */
export function check<S extends z.ZodType>(
  schema: S,
  value: unknown,
  subject: string,
  further: (issues: readonly z.core.$ZodIssue[]) => readonly Problem[] = () => [],
): z.output<S> {
  const result = schema.safeParse(value, { error: explain, reportInput: true });
  const issues = result.error?.issues ?? [];
  const problems = [...issues.map(problemOf), ...further(issues).map(said)];
  if (result.success && problems.length === 0) return result.data;
  throw new PlatformError(subject, problems);
}

function problemOf(issue: z.core.$ZodIssue): string {
  const { path, message } = issue;
  if (issue.code === 'unrecognized_keys') return `${pathText(path)}: ${message}`;
  const nested = issue.code === 'invalid_key' ? issue.issues[0] : undefined;
  const input = issue.code === 'invalid_union' ? valueAt(issue.input, path) : issue.input;
  return said({ path, input, message: (nested ?? issue).message });
}

function said({ path, input, message }: Problem): string {
  return `${pathText(path)}: ${input === undefined ? 'missing' : `got ${shown(input)}`}; ${message}`;
}

/** A value on one line, shortened if it is long. Numbers are not formatted as JSON, which has no NaN and no Infinity. */
function shown(input: unknown): string {
  const text = JSON.stringify(input, (_, value) =>
    typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value)) ? String(value) : value,
  );
  if (typeof input === 'number' || typeof input === 'bigint') return String(input);
  if (text === undefined) return typeof input;
  return shortened(text);
}

function pathText(path: readonly PropertyKey[]): string {
  return shortened(path.join('.')) || '(top)';
}

function shortened(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text;
}

/** The value of a union's discriminator: the issue's input is the whole object, and its path ends with the discriminator. */
function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return (input as Record<PropertyKey, unknown> | undefined)?.[path.at(-1) ?? ''];
}

const TYPES: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'an object',
  record: 'an object',
  string: 'a string',
};

/** The message for an issue whose schema does not define one. */
function explain(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, knownKeys(issue))).join('; ');
    case 'invalid_type':
      return `must be ${TYPES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'invalid_union':
      return `must be ${((issue['options'] as string[] | undefined) ?? []).map((kind) => JSON.stringify(kind)).join(' or ')}`;
    case 'too_small':
      return issue.origin === 'array'
        ? `must have at least ${issue.minimum} item`
        : `must be at least ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    default:
      return undefined;
  }
}

function knownKeys(issue: RawIssue): string[] {
  const definition = (issue.inst as { _zod?: { def?: { shape?: object } } } | undefined)?._zod?.def;
  return Object.keys(definition?.shape ?? {});
}

function unknownKey(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  return `unknown key "${shortened(key)}"; ${near ? `did you mean "${near}"?` : `expected one of ${known.join(', ')}`}`;
}

/** The known word closest to a misspelt one, if it differs in at most two letters or a third of them. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const far = Math.max(2, Math.ceil(word.length / 3));
  const [found] = known
    // As many letters as the lengths differ by have to be inserted or deleted: a long text need not be compared at all.
    .filter((candidate) => Math.abs(candidate.length - word.length) <= far)
    .map((candidate) => ({ candidate, apart: distance(word, candidate) }))
    .filter(({ apart }) => apart <= far)
    .sort((one, other) => one.apart - other.apart);
  return found?.candidate;
}

/** Levenshtein distance: how many letters have to be inserted, deleted or replaced. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next[j] = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, change);
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
