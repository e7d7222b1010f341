import { createHash } from 'node:crypto';
import type { CommitDraft, CommitId, CommitInfo, PushOutcome, RefStore, RefUpdate } from './ref-store';

interface StoredCommit extends Omit<CommitDraft, 'files'> {
  readonly files: ReadonlyMap<string, string>;
  readonly changed: readonly string[];
}

/** Refs and commits in memory, which several clients may share. They behave as those of a Git remote. */
export class MemoryRefStore implements RefStore {
  private readonly commits = new Map<CommitId, StoredCommit>();

  /** @param refs - where the refs are now; changed by pushes */
  constructor(readonly refs = new Map<string, CommitId>()) {}

  async read<R extends string>(...refs: readonly R[]): Promise<Record<R, CommitId | null>> {
    return Object.fromEntries(refs.map((ref) => [ref, this.refs.get(ref) ?? null])) as Record<R, CommitId | null>;
  }

  /** The same draft gives the same commit, as in Git. */
  async commit({ files, ...draft }: CommitDraft): Promise<CommitId> {
    const changes = files === 'empty' ? [] : [...files];
    const before = files === 'empty' || !draft.parent ? new Map<string, string>() : this.at(draft.parent).files;
    const after = new Map<string, string>(before);
    for (const [path, content] of changes) {
      if (content === null) after.delete(path);
      else after.set(path, content);
    }
    const id = createHash('sha1')
      .update(JSON.stringify([draft, [...after].sort()]))
      .digest('hex');
    this.commits.set(id, { ...draft, files: after, changed: changes.map(([path]) => path) });
    return id;
  }

  async push(updates: readonly RefUpdate[]): Promise<PushOutcome> {
    // Git does not send a ref that is already where it is to go: its expected value is not looked at.
    const sent = updates.filter(({ ref, next }) => this.refs.get(ref) !== next);
    if (sent.some(({ ref, expected }) => (this.refs.get(ref) ?? null) !== expected)) return 'stale';
    for (const { ref, next } of sent) this.refs.set(ref, next);
    return 'pushed';
  }

  async message(commit: CommitId): Promise<string> {
    return this.at(commit).message;
  }

  async file(commit: CommitId, path: string): Promise<string | undefined> {
    return this.at(commit).files.get(path);
  }

  async log(commit: CommitId, path: string, limit: number): Promise<CommitInfo[]> {
    return this.history(commit)
      .filter((id) => this.at(id).changed.includes(path))
      .slice(0, limit)
      .map((id) => {
        const { author, date, message } = this.at(id);
        return { id, author: author.name, date: date.toISOString(), message };
      });
  }

  async descends(commit: CommitId, ancestor: CommitId): Promise<boolean> {
    return this.history(commit).includes(ancestor);
  }

  /** A commit and its ancestors, newest first. */
  history(commit: CommitId): CommitId[] {
    const { parent } = this.at(commit);
    return [commit, ...(parent ? this.history(parent) : [])];
  }

  private at(commit: CommitId): StoredCommit {
    const found = this.commits.get(commit);
    if (!found) throw new Error(`there is no commit ${commit}`);
    return found;
  }
}
