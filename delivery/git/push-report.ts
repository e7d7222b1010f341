import type { PushOutcome } from './ref-store';

/** Reasons of git and GitHub for a ref that was not where it was expected, or that another push was just moving. */
const STALE =
  /stale info|fetch first|non-fast-forward|incorrect old value|but expected|reference already exists|failed to (update ref|lock)|cannot lock ref|failed to write/;

/**
 * Reads what `git push --porcelain --atomic` printed.
 *
 * @returns `unknown` when the connection ended before the remote had said what it did
 */
export function pushOutcome(code: number, printed: string): PushOutcome | 'unknown' | { refused: string } {
  if (code === 0) return 'pushed';
  const reasons = [...printed.matchAll(/^!\t[^\t]*\t\[[^\]]*\] ?(.*)$/gm)].map((match) => match[1] ?? '');
  if (reasons.length === 0 || reasons.some((reason) => /remote failed to report status/.test(reason))) return 'unknown';
  // With --atomic, the refs that were right are reported too, as failed along with the one that was not.
  const own = reasons.filter(
    (reason) => !/atomic push fail|atomic transaction failed|transaction aborted/i.test(reason),
  );
  const refused = own.find((reason) => !STALE.test(reason));
  return refused === undefined ? 'stale' : { refused };
}
