import type { Clock } from '../../clients/clock';
import { RefusedError } from '../../errors';
import type { CommitId, PushOutcome, RefStore, RefUpdate } from '../git/ref-store';
import { draftLockCommit, type LockAction, type LockRecord, parseRecord } from './record';
import { settledPush } from './settle';
import type { LockTimes } from './times';
import { heldBy } from './words';

/** The lock was taken over or broken: this client must stop writing. */
export class LockLostError extends RefusedError {
  constructor(
    message: string,
    /** Whether the write that met it had been done before the lock was lost. */
    readonly written: boolean,
  ) {
    super(message);
  }
}

interface HeldLockOptions {
  readonly store: RefStore;
  readonly clock: Clock;
  readonly name: string;
  readonly ref: string;
  readonly times: LockTimes;
}

/**
 * A lock that this client has taken.
 *
 * Every write also moves the lock ref to a child of its commit with the next counter, in one atomic push with the expected old
 * values of both refs. A lock ref that did not move would not protect anything: git does not send it.
 */
export class HeldLock {
  /** Aborted, with a `LockLostError` as its reason, when the lock is lost. */
  readonly lost: AbortSignal;
  private readonly losing = new AbortController();
  private readonly renewing = new AbortController();
  /** Commits that the ref may point to instead of `commit`: moves whose responses were lost. */
  private readonly unanswered = new Map<CommitId, LockRecord>();
  private queue: Promise<unknown> = Promise.resolve();
  private movedAt: number;

  constructor(
    private readonly options: HeldLockOptions,
    private commit: CommitId,
    private current: LockRecord,
  ) {
    this.lost = this.losing.signal;
    this.movedAt = options.clock.now();
  }

  get name(): string {
    return this.options.name;
  }

  /** The current record of the lock. */
  get record(): LockRecord {
    return this.current;
  }

  /**
   * Moves refs together with the lock.
   *
   * @returns `stale` when one of the refs was not where it was expected: nothing has moved, and the lock is still held
   * @throws {LockLostError} when the lock was taken over or broken: nothing has moved, unless the error says so
   */
  write(updates: readonly RefUpdate[]): Promise<PushOutcome> {
    return this.inTurn(() => this.move('write', 'held', updates));
  }

  /** Renews the lock, so that other clients do not take it over. @throws {LockLostError} */
  async renew(): Promise<void> {
    await this.inTurn(() => this.move('renew', 'held', []));
  }

  /** Renews the lock in the background until it is released or lost. A remote that cannot be reached is tried again. */
  async keepRenewed(): Promise<void> {
    const { clock, times } = this.options;
    try {
      while (!this.renewing.signal.aborted) {
        await clock.sleep(times.renew, this.renewing.signal);
        await this.renew().catch((error: unknown) => {
          if (error instanceof LockLostError) throw error;
          if (clock.now() - this.movedAt >= times.lease)
            throw this.lose('it could not be renewed in time, so another client may hold it');
        });
      }
    } catch {
      // Released, or lost: then `lost` is aborted.
    }
  }

  /** Frees the lock. @returns `lost` when this client no longer held it */
  async release(): Promise<'released' | 'lost'> {
    this.renewing.abort();
    try {
      await this.inTurn(async () => {
        await this.locate();
        while (this.current.state === 'held') await this.move('release', 'free', []);
      });
      return 'released';
    } catch (error) {
      if (error instanceof LockLostError) return 'lost';
      throw error;
    }
  }

  /** One move at a time: each is a child of the one before. */
  private inTurn<T>(step: () => Promise<T>): Promise<T> {
    const result = this.queue.then(step);
    this.queue = result.catch(() => undefined);
    return result;
  }

  private async move(
    action: LockAction,
    state: LockRecord['state'],
    updates: readonly RefUpdate[],
  ): Promise<PushOutcome> {
    this.lost.throwIfAborted();
    await this.locate();
    if (this.current.state === 'free') throw new Error(`lock ${this.name} was already released`);
    const { store, clock, name, ref } = this.options;
    const record: LockRecord = {
      ...this.current,
      action,
      state,
      counter: this.current.counter + 1,
      at: clock.date().toISOString(),
    };
    const next = await draftLockCommit(store, clock, name, this.commit, record);
    const moves = [...updates, { ref, expected: this.commit, next }];
    this.unanswered.set(next, record);
    const outcome = await settledPush(store, moves, clock);
    if (outcome === 'pushed') return this.at(next, record);
    return this.afterStale(record, updates);
  }

  /** What a refused push means: a ref moved, this client's own move had arrived before, or the lock is lost. */
  private async afterStale(record: LockRecord, updates: readonly RefUpdate[]): Promise<PushOutcome> {
    const { store, ref } = this.options;
    const found = await store.read(ref, ...updates.map((update) => update.ref));
    if (found[ref] === this.commit) return 'stale';
    const own = this.unanswered.get(found[ref] ?? '');
    if (found[ref] && own) {
      this.at(found[ref], own);
      return own === record ? 'pushed' : 'stale';
    }
    let written = updates.length > 0;
    for (const update of updates) {
      const head = found[update.ref];
      written &&= Boolean(head) && (await store.descends(head ?? '', update.next));
    }
    const holder = found[ref] ? parseRecord(await store.message(found[ref])) : undefined;
    const now =
      holder?.state === 'held' ? `${heldBy(holder)} holds it now` : `it was released (${holder?.action ?? 'deleted'})`;
    throw this.lose(`${now}${holder?.reason ? `: ${holder.reason}` : ''}`, written);
  }

  /** Finds out which of the moves without an answer arrived. */
  private async locate(): Promise<void> {
    if (this.unanswered.size === 0) return;
    const { store, ref } = this.options;
    const { [ref]: found } = await store.read(ref);
    const record = this.unanswered.get(found ?? '');
    if (found && record) this.at(found, record);
  }

  private at(commit: CommitId, record: LockRecord): PushOutcome {
    this.commit = commit;
    this.current = record;
    this.movedAt = this.options.clock.now();
    this.unanswered.clear();
    return 'pushed';
  }

  private lose(why: string, written = false): LockLostError {
    const { name } = this.options;
    const done = written ? 'the write was already done' : 'nothing was written';
    const error = new LockLostError(`lock ${name} is lost: ${why}; ${done}`, written);
    this.losing.abort(error);
    this.renewing.abort();
    return error;
  }
}
