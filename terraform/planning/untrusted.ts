import { UsageError } from '../../errors';
import { COMMENT_LIMIT, type CommentOptions, planComment } from './comment';
import { code } from './markdown';
import { type EnvironmentPlan, environmentPlan, type RehearsedChange, rehearsedChange } from './result';

/** Longest result that is read, in characters: about 3,000 changes. */
const RESULT_LIMIT = 2_000_000;

/** Files that decide what runs in continuous integration, with which packages, or who reviews. */
const DECISIVE: readonly { readonly path: RegExp; readonly why: string }[] = [
  { path: /^\.github\//, why: 'what runs on GitHub' },
  {
    path: /(^|\/)(package\.json|package-lock\.json|\.npmrc|\.nvmrc)$/,
    why: 'which packages are installed, and what their installation runs',
  },
  { path: /(^|\/)\.terraform\.lock\.hcl$/, why: 'which providers are trusted' },
  { path: /^(register\.cjs|main\.ts|cdktf\.json|jest\.config\.js|biome\.json)$/, why: 'how our own code is loaded' },
  { path: /^(scripts|terraform|clients|workflows|stacks|constructs)\//, why: 'what plans and applies' },
  { path: /(^|\/)(CODEOWNERS|\.gitattributes|\.gitmodules)$/, why: 'who reviews, and what is checked out' },
];

/**
 * Reads the plan that an untrusted job left, as data: its shape and size are checked, and nothing of it is run or trusted.
 *
 * @throws {UsageError} if it is not a plan.
 */
export function readPlan(text: string): EnvironmentPlan {
  return checked(environmentPlan, text);
}

/** Reads the rehearsal of a change that an untrusted job left, as data. @throws {UsageError} if it is none */
export function readRehearsedChange(text: string): RehearsedChange {
  return checked(rehearsedChange, text);
}

function checked<T>(
  schema: {
    safeParse(value: unknown): {
      success: boolean;
      data?: T;
      error?: { issues: readonly { path: readonly PropertyKey[]; message: string }[] };
    };
  },
  text: string,
): T {
  if (text.length > RESULT_LIMIT)
    throw new UsageError(`the result has ${text.length} characters; expected at most ${RESULT_LIMIT}`);
  const { data, error } = schema.safeParse(parsed(text));
  if (data !== undefined) return data;
  const [issue] = error?.issues ?? [];
  throw new UsageError(`the result is not a plan: ${issue?.path.join('.') || 'at the top'}: ${issue?.message}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError('the result is not JSON');
  }
}

/** Files of a pull request that a maintainer must look at before anything of it runs with credentials, and why. */
export function decisiveFiles(changed: readonly string[]): { readonly file: string; readonly why: string }[] {
  return changed.flatMap((file) => {
    const found = DECISIVE.find(({ path }) => path.test(file));
    return found ? [{ file, why: found.why }] : [];
  });
}

/** The comment on a pull request from a fork: what its rehearsal showed, and which of its files need a maintainer. */
export function forkComment(
  { plan, lines }: RehearsedChange,
  changed: readonly string[],
  options: CommentOptions = {},
): string {
  const decisive = decisiveFiles(changed);
  const notes = [
    ...(lines.length > 0 ? ['', ...lines.map((line) => `- ${code(line)}`)] : []),
    ...(decisive.length > 0
      ? [
          '',
          `A maintainer has to look at ${decisive.length} files before this runs with credentials:`,
          ...decisive.slice(0, 20).map(({ file, why }) => `- ${code(file)} decides ${why}`),
        ]
      : []),
  ].join('\n');
  const comment = planComment(plan, { ...options, fork: true });
  const room = COMMENT_LIMIT - notes.length;
  return `${comment.length <= room ? comment : `${comment.slice(0, comment.lastIndexOf('\n', Math.max(room, 0)))}`}${notes}`.slice(
    0,
    COMMENT_LIMIT,
  );
}
