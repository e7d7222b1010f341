import { randomUUID } from 'node:crypto';
import type { Clock } from '../../clients/clock';
import { RefusedError } from '../../errors';
import type { CommitId, RefStore } from '../git/ref-store';
import { HeldLock } from './held-lock';
import { draftLockCommit, type Holder, type LockRecord, parseRecord } from './record';
import { settledPush } from './settle';
import { LOCK_TIMES, type LockTimes } from './times';
import { duration, heldBy } from './words';

/** The status of a lock. */
export interface LockStatus {
  /** Where the ref is. @default - the lock was never taken */
  readonly commit?: CommitId;
  /** The record in that commit. Its `state` may be `free`. */
  readonly record?: LockRecord;
}

/** The progress of a client that waits. */
export interface Waiting {
  readonly record: LockRecord;
  /** Milliseconds for which this client has waited. */
  readonly waited: number;
  /** Milliseconds for which this client has seen the ref unchanged. */
  readonly unchanged: number;
}

/** How to wait for a lock. */
export interface TakeOptions {
  /** Why it is taken. @default - a deployment */
  readonly reason?: string;
  readonly onWait?: (waiting: Waiting) => void;
  /** Ends the wait. */
  readonly signal?: AbortSignal;
}

/** Dependencies of a lock. */
export interface LockOptions {
  readonly store: RefStore;
  readonly clock: Clock;
  readonly platform: string;
  readonly env: string;
  /** @default LOCK_TIMES */
  readonly times?: Partial<LockTimes>;
  /** @default - random */
  readonly token?: () => string;
}

/**
 * The lock of an environment: ref `refs/strata/locks/<platform>-<env>` of the config repository, which moves by
 * compare-and-swap. Each of its commits has no files; the message holds owner, run and counter.
 *
 * The lock is safe because every write to Git moves it in the same atomic push (see `HeldLock.write`): if a client has lost the
 * lock, the ref has moved and the push changes nothing. Expiry is therefore only for convenience. It is measured as the time for
 * which this client has seen the ref unchanged, never by the clock of another machine.
 */
export class DeploymentLock {
  /** `<platform>-<env>`. */
  readonly name: string;
  readonly ref: string;
  private readonly times: LockTimes;

  constructor(private readonly options: LockOptions) {
    this.name = `${options.platform}-${options.env}`;
    this.ref = lockRef(options.platform, options.env);
    this.times = { ...LOCK_TIMES, ...options.times };
  }

  /** Who holds it. */
  async status(): Promise<LockStatus> {
    const { store } = this.options;
    const { [this.ref]: commit = null } = await store.read(this.ref);
    return commit ? { commit, record: parseRecord(await store.message(commit)) } : {};
  }

  /**
   * Takes the lock, and waits for it while somebody else holds it.
   *
   * @throws {RefusedError} when the wait is over, naming the holder
   */
  async take(holder: Holder, { reason, onWait, signal }: TakeOptions = {}): Promise<HeldLock> {
    const { clock } = this.options;
    const start = clock.now();
    let seen: { commit?: CommitId; at: number } | undefined;
    for (;;) {
      signal?.throwIfAborted();
      // The ref has not changed between the first response and the next request.
      const asked = clock.now();
      const { commit, record } = await this.status();
      if (!seen || seen.commit !== commit) seen = { commit, at: clock.now() };
      const unchanged = Math.max(0, asked - seen.at);
      if (!record || record.state === 'free' || unchanged >= this.times.lease) {
        const held = await this.swap(commit, record, holder, reason);
        if (held) return held;
        continue;
      }
      const waited = clock.now() - start;
      if (waited >= this.times.wait) throw this.refusal(record, unchanged, waited);
      onWait?.({ record, waited, unchanged });
      await clock.sleep(Math.min(this.times.poll, this.times.wait - waited), signal);
    }
  }

  /**
   * Frees a lock that an earlier process of the same owner and run has taken.
   *
   * @returns `free` if it was not held
   * @throws {RefusedError} when somebody else holds it
   */
  async release(holder: Holder): Promise<'released' | 'free'> {
    for (;;) {
      const { commit, record } = await this.status();
      if (record?.state !== 'held') return 'free';
      if (record.owner !== holder.owner || record.run !== holder.run) {
        throw new RefusedError(
          `lock ${this.name} is held by ${heldBy(record)}, not by ${heldBy(holder)}; only the holder can release it. ` +
            `If that run has died: npm run lock -- break --env ${this.options.env} --reason "..."`,
        );
      }
      if (await this.free(commit, record, 'release')) return 'released';
    }
  }

  /**
   * Takes the lock away from its holder, which can then no longer write to Git. Its work in the cluster is not stopped.
   *
   * @param by - who breaks it
   * @param reason - recorded in the history of the ref
   * @returns who held it; undefined if it was not held
   * @throws {RefusedError} when somebody else has taken it meanwhile
   */
  async break(by: Holder, reason: string): Promise<LockRecord | undefined> {
    const { record: meant } = await this.status();
    if (meant?.state !== 'held') return undefined;
    for (;;) {
      const { commit, record } = await this.status();
      if (record?.state !== 'held') return undefined;
      if (record.token !== meant.token) {
        throw new RefusedError(
          `lock ${this.name} is now held by ${heldBy(record)}, not by ${heldBy(meant)}; nothing was changed`,
        );
      }
      const broken = { ...record, ...by, reason, previous: heldBy(record) };
      if (await this.free(commit, broken, 'break')) return record;
    }
  }

  /** Moves the ref to a commit of this client. @returns undefined if another client was faster */
  private async swap(
    seen: CommitId | undefined,
    before: LockRecord | undefined,
    holder: Holder,
    reason: string | undefined,
  ): Promise<HeldLock | undefined> {
    const { store, clock, token = randomUUID } = this.options;
    const now = clock.date().toISOString();
    const record: LockRecord = {
      ...holder,
      state: 'held',
      action: 'take',
      counter: (before?.counter ?? 0) + 1,
      token: token(),
      since: now,
      at: now,
      reason,
      previous: before?.state === 'held' ? heldBy(before) : undefined,
    };
    const commit = await this.draft(seen, record);
    if (!(await this.moved(seen, commit))) return undefined;
    return new HeldLock({ store, clock, name: this.name, ref: this.ref, times: this.times }, commit, record);
  }

  private async free(seen: CommitId | undefined, before: LockRecord, action: LockRecord['action']): Promise<boolean> {
    const at = this.options.clock.date().toISOString();
    const record: LockRecord = { ...before, state: 'free', action, counter: before.counter + 1, at };
    return this.moved(seen, await this.draft(seen, record));
  }

  private async moved(seen: CommitId | undefined, next: CommitId): Promise<boolean> {
    const { store, clock } = this.options;
    const { ref } = this;
    if ((await settledPush(store, [{ ref, expected: seen ?? null, next }], clock)) === 'pushed') return true;
    return (await store.read(ref))[ref] === next;
  }

  private draft(parent: CommitId | undefined, record: LockRecord): Promise<CommitId> {
    return draftLockCommit(this.options.store, this.options.clock, this.name, parent, record);
  }

  private refusal(record: LockRecord, unchanged: number, waited: number): RefusedError {
    const { env, clock } = this.options;
    const held = clock.date().getTime() - Date.parse(record.since);
    const sign = unchanged >= 2 * this.times.renew ? `, not renewed for ${duration(unchanged)}` : '';
    return new RefusedError(
      `lock ${this.name} is held by ${heldBy(record)} for ${duration(held)}${sign}; waited ${duration(waited)}. ` +
        `Run this again later. If that run has died: npm run lock -- break --env ${env} --reason "..."`,
    );
  }
}

/** The ref of an environment's lock. */
function lockRef(platform: string, env: string): string {
  return `refs/strata/locks/${platform}-${env}`;
}
