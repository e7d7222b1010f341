import { FailedError } from '../../errors';

/** The name of a commit: 40 hexadecimal digits. */
export type CommitId = string;

/** Who a commit is by. */
export interface Signature {
  readonly name: string;
  readonly email: string;
}

/** A commit that is to be created. */
export interface CommitDraft {
  /** @default - a root commit */
  readonly parent?: CommitId;
  readonly author: Signature;
  readonly date: Date;
  readonly message: string;
  /** Contents of changed files by path; null deletes one. The others are as in the parent. `empty` has no files at all. */
  readonly files: ReadonlyMap<string, string | null> | 'empty';
}

/** A commit as its history shows it. */
export interface CommitInfo {
  readonly id: CommitId;
  readonly author: string;
  /** RFC 3339. */
  readonly date: string;
  readonly message: string;
}

/** One ref that moves, if the remote still has it where it is expected. */
export interface RefUpdate {
  readonly ref: string;
  /** Null where the ref must not exist yet. */
  readonly expected: CommitId | null;
  readonly next: CommitId;
}

/** `stale`: at least one ref was not where it was expected, and none was moved. */
export type PushOutcome = 'pushed' | 'stale';

/** A remote repository: refs that move by compare-and-swap, and the commits that they point to. */
export interface RefStore {
  /** Where refs of the remote are now, null for one that does not exist. The commits become readable by the other methods. */
  read<R extends string>(...refs: readonly R[]): Promise<Record<R, CommitId | null>>;
  /** Creates a commit, which is not visible to others until it is pushed. */
  commit(draft: CommitDraft): Promise<CommitId>;
  /** Moves all of the refs, or none. @throws {UnknownOutcomeError} when the answer was lost */
  push(updates: readonly RefUpdate[]): Promise<PushOutcome>;
  message(commit: CommitId): Promise<string>;
  /** The contents of a file in a commit. @returns undefined where there is none */
  file(commit: CommitId, path: string): Promise<string | undefined>;
  /** The commits that changed a path, newest first. */
  log(commit: CommitId, path: string, limit: number): Promise<CommitInfo[]>;
  /** True when `commit` is `ancestor` or descends from it. */
  descends(commit: CommitId, ancestor: CommitId): Promise<boolean>;
}

/** The connection was lost while a push was under way: the refs have moved, or they have not, or they still will. */
export class UnknownOutcomeError extends FailedError {}
