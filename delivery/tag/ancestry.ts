import type { CommitId } from '../git/ref-store';
import { commitOf } from '../image/tag-scheme';

/** The commits on the branches of a service's repository. */
export interface History {
  /** The commit with an abbreviated id. @returns undefined if it does not exist or is ambiguous */
  find(abbreviation: string): Promise<CommitId | undefined>;
  /** True when `commit` is `ancestor` or descends from it. */
  descends(commit: CommitId, ancestor: CommitId): Promise<boolean>;
}

/**
 * How a wanted tag relates to the deployed one.
 *
 * - `first`: nothing is deployed yet; there is no ancestor.
 * - `same`: it is deployed already.
 * - `forward`: its commit descends from the deployed one.
 * - `backward`: the deployed commit descends from it.
 * - `diverged`: neither descends from the other.
 * - `unknown-commit`: one of them is on no branch of the service's repository, or names no commit.
 * - `placeholder`: the tag of a fresh overlay, which no image has.
 * - `newer`, `older`: an upstream image, whose tags name versions instead of commits.
 */
export type Ancestry =
  | { readonly kind: 'first' | 'same' | 'forward' | 'backward' | 'diverged' | 'placeholder' | 'newer' | 'older' }
  | { readonly kind: 'unknown-commit'; readonly tag: string };

/** The tag of an overlay before its first deployment: `0000000`, `dev-0000000`. */
export function isPlaceholder(tag: string): boolean {
  return /^(.+-)?(0{7}|0{40})$/.test(tag);
}

/**
 * Compares a wanted tag with the deployed one.
 *
 * @param deployed - undefined or a placeholder before the first deployment
 */
export async function compareTags(deployed: string | undefined, wanted: string, history: History): Promise<Ancestry> {
  if (isPlaceholder(wanted)) return { kind: 'placeholder' };
  if (deployed === wanted) return { kind: 'same' };
  const next = await find(history, wanted);
  if (!next) return { kind: 'unknown-commit', tag: wanted };
  if (deployed === undefined || isPlaceholder(deployed)) return { kind: 'first' };
  const before = await find(history, deployed);
  if (!before) return { kind: 'unknown-commit', tag: deployed };
  if (await history.descends(next, before)) return { kind: 'forward' };
  return { kind: (await history.descends(before, next)) ? 'backward' : 'diverged' };
}

async function find(history: History, tag: string): Promise<CommitId | undefined> {
  const commit = commitOf(tag);
  return commit && history.find(commit);
}
