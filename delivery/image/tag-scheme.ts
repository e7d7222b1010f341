import type { TagScheme } from '../../platforms/schema/registry';

/** A commit of a service. */
export interface Commit {
  /** All 40 characters. */
  readonly sha: string;
  readonly branch: string;
}

/** Characters of a commit in a short tag. */
const SHORT = 7;

/** Longest tag of an image. Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests */
const TAG_LIMIT = 128;

/** The tag of the image that is built from a commit. @throws for scheme `upstream`, whose tags the publisher chooses. */
export function tagOf(scheme: TagScheme, { sha, branch }: Commit): string {
  switch (scheme) {
    case 'short-sha':
      return sha.slice(0, SHORT);
    case 'sha40':
      return sha;
    case 'branch-sha':
      return `${branchInTag(branch)}-${sha.slice(0, SHORT)}`;
    case 'upstream':
      throw new Error('an upstream image is tagged by its publisher, not by a commit');
  }
}

/**
 * The full or short commit in the tag of an own image; undefined if it has none. It accepts all schemes, since a rollback can
 * return to a tag from before a change of the scheme.
 */
export function commitOf(tag: string): string | undefined {
  return /^(?:.+-)?([0-9a-f]{40}|[0-9a-f]{7})$/.exec(tag)?.[1];
}

/**
 * A branch as part of a tag: `feature/log in` is `feature-log-in`. Tags hold letters, digits, `_`, `.` and `-`, and begin
 * with none of the last two.
 */
export function branchInTag(branch: string): string {
  const safe = branch.replace(/[^\w.-]+/g, '-').replace(/^[.-]+/, '');
  return safe.slice(0, TAG_LIMIT - SHORT - 1) || 'branch';
}
