import { FailedError, RefusedError } from '../../errors';
import { readImage } from '../../manifests/image-entry';
import { environmentOf } from '../../platforms/schema/define-platform';
import { repositoryOf } from '../../platforms/schema/environment';
import { BOT } from '../git/bot';
import type { CommitId, RefUpdate } from '../git/ref-store';
import type { HeldLock } from '../lock/held-lock';
import { settledPush } from '../lock/settle';
import { type Edit, type EditOptions, TagEdits } from './edits';
import type { Pin } from './pins';
import type { PullRequests } from './pull-request';
import type { TagResult, TagTarget, WantedTag } from './tag';
import { readTagHistory, type TagHistoryEntry } from './tag-history';

/** Attempts to write to a branch while others push to it. */
const TRIES = 30;

/** Longest wait between two tries, in milliseconds. */
const LONGEST_WAIT = 5000;

/** How to write. */
export interface WriteOptions {
  /** Needed in environments with a lock. */
  readonly lock?: HeldLock | undefined;
  /** @default false */
  readonly dryRun?: boolean | undefined;
}

/** What the writer works with. */
export interface TagWriterOptions extends EditOptions {
  /** Between 0 and 1. @default Math.random */
  readonly random?: () => number;
}

/**
 * Writes tags of an environment to the config repository: the one writer of `images:` entries.
 *
 * Each change is planned on the head of the branch and pushed only if it is still the head; otherwise it is planned again on the
 * new head, so that a new pin or a newer tag is respected. Nothing is ever force-pushed.
 */
export class TagWriter {
  private readonly branch: string;
  private readonly ref: string;
  private readonly edits: TagEdits;

  constructor(private readonly options: TagWriterOptions) {
    this.branch = repositoryOf(options.platform, options.env).branch;
    this.ref = `refs/heads/${this.branch}`;
    this.edits = new TagEdits(options);
  }

  /**
   * Moves tags forward, all in one commit.
   *
   * @throws {RefusedError} when a tag is pinned, or does not descend from the deployed one
   */
  set(wanted: readonly WantedTag[], options: WriteOptions = {}): Promise<TagResult> {
    return this.apply((head) => this.edits.set(head, wanted, false), options);
  }

  /**
   * Sets the tag of a service, whatever it was, and keeps it until `unpin`, such as for a rollback. The pin is in a file next to
   * the kustomization, where reviewers see it.
   *
   * @param tag - @default - the deployed one
   */
  pin(
    target: TagTarget,
    tag: string | undefined,
    pin: Omit<Pin, 'tag' | 'since'>,
    options: WriteOptions = {},
  ): Promise<TagResult> {
    return this.apply((head) => this.edits.pin(head, target, tag, pin), options);
  }

  /** Lets the tag of a service move forward again. */
  unpin(target: TagTarget, options: WriteOptions = {}): Promise<TagResult> {
    return this.apply((head) => this.edits.unpin(head, target), options);
  }

  /**
   * Pushes a move forward to a new branch and opens a pull request. It needs no lock, since nothing deployed changes. If run
   * again, it finds both.
   */
  async propose(wanted: readonly WantedTag[], pullRequests: PullRequests, dryRun = false): Promise<TagResult> {
    const { store, clock, env } = this.options;
    const head = await this.head();
    const edit = await this.edits.set(head, wanted, true);
    if (edit.files.size === 0) return this.result('unchanged', head, edit);
    if (dryRun) return this.result('planned', head, edit);
    const branch = `strata/${env}/${wanted.map(({ target, tag }) => `${target.service}-${tag}`).join('+')}`;
    const ref = `refs/heads/${branch}`;
    const { [ref]: before = null } = await store.read(ref);
    const commit = before ?? (await this.draft(head, edit));
    const pushed = before ? 'pushed' : await settledPush(store, [{ ref, expected: null, next: commit }], clock);
    if (pushed === 'stale') return this.propose(wanted, pullRequests);
    for (const [path, text] of edit.files) {
      if ((await store.file(commit, path)) === text) continue;
      throw new RefusedError(`branch ${branch} already exists with another ${path}; delete it, then run this again`);
    }
    const [title = '', ...body] = edit.message.split('\n');
    const pullRequest = await pullRequests.open({
      head: branch,
      base: this.branch,
      title,
      body: body.join('\n').trim(),
    });
    return { ...this.result('proposed', commit, edit), branch, pullRequest };
  }

  /** The tag that the branch has, and what holds it there. */
  async current(target: TagTarget): Promise<{ readonly tag: string | undefined; readonly pin: Pin | undefined }> {
    const head = await this.head();
    const { tag } = readImage(await this.edits.kustomization(head, target), target.image);
    return { tag, pin: (await this.edits.pins(head, target))[target.service] };
  }

  /** The tags that a service had, newest first, whoever wrote them. */
  async history(target: TagTarget, limit: number): Promise<TagHistoryEntry[]> {
    return readTagHistory(this.options.store, await this.head(), target, limit);
  }

  /** The newest other tag of a service in the last ten changes. @returns undefined if there is none */
  async tagBefore(target: TagTarget, tag: string): Promise<string | undefined> {
    return (await this.history(target, 10)).find((entry) => entry.tag !== tag)?.tag;
  }

  /** Decides and pushes, again and again while others move the branch. */
  private async apply(decide: (head: CommitId) => Promise<Edit>, { lock, dryRun }: WriteOptions): Promise<TagResult> {
    const { platform, env, clock, random = Math.random } = this.options;
    for (let tries = 0; tries < TRIES; tries++) {
      const head = await this.head();
      const edit = await decide(head);
      if (edit.files.size === 0) return this.result('unchanged', head, edit);
      if (dryRun) return this.result('planned', head, edit);
      if (environmentOf(platform, env).delivery.lock && lock?.name !== `${platform.name}-${env}`) {
        throw new Error(`writing to ${platform.name} ${env} needs its lock; got ${lock?.name ?? 'none'}`);
      }
      const next = await this.draft(head, edit);
      if (await this.moved({ ref: this.ref, expected: head, next }, lock)) return this.result('written', next, edit);
      await clock.sleep(random() * Math.min(LONGEST_WAIT, 100 * 2 ** tries));
    }
    throw new FailedError(
      `branch ${this.branch} changed ${TRIES} times while the tag was being written; nothing was written. Run this again`,
    );
  }

  private async moved(update: RefUpdate, lock: HeldLock | undefined): Promise<boolean> {
    if (lock) return (await lock.write([update])) === 'pushed';
    const { store, clock } = this.options;
    if ((await settledPush(store, [update], clock)) === 'pushed') return true;
    // A push whose response was lost may have arrived, and the branch may have moved since.
    const head = await this.head();
    return head !== update.expected && (await store.descends(head, update.next));
  }

  private async head(): Promise<CommitId> {
    const { [this.ref]: head = null } = await this.options.store.read(this.ref);
    if (head) return head;
    const { url } = this.options.platform.repository;
    throw new FailedError(`the config repository ${url} has no branch ${this.branch}; push it first`);
  }

  private draft(parent: CommitId, { files, message }: Edit): Promise<CommitId> {
    const { store, clock } = this.options;
    return store.commit({ parent, author: BOT, date: clock.date(), message, files });
  }

  private result(outcome: TagResult['outcome'], commit: CommitId, { changes }: Edit): TagResult {
    return { outcome, commit, branch: this.branch, changes };
  }
}
