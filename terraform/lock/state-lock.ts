import { setTimeout } from 'node:timers/promises';
import { BucketObject } from '../../clients/bucket-object';
import { FailedError, RefusedError } from '../../errors';
import { endedBy, type Holder, holderOf, newLock } from './holder';

/** Milliseconds between two looks at a lock that somebody holds, at least; up to twice as many, so that waiters spread. */
const POLL_MS = 500;

/** For how long a held lock is waited for, in milliseconds. */
const WAIT_MS = 300_000;

/** A lock as it was read. */
export interface HeldBy extends Holder {
  /** Number of the lock object, by which terraform force-unlock knows it. */
  readonly generation: string;
}

/** How a lock is taken. */
export interface Taking {
  readonly operation: string;
  /** Told once if somebody else holds the lock. */
  readonly onWait?: (holder: HeldBy) => void;
  readonly signal?: AbortSignal | undefined;
  /** @default 5 min */
  readonly waitMs?: number;
}

/** A lock that this process holds. */
export interface Held {
  readonly id: string;
  release(): Promise<void>;
  /** Keeps the lock and records why the run did not end well: its last operations may be missing in the state. */
  interrupted(reason: string): Promise<void>;
}

/**
 * The lock of a layer's state: the object that terraform's gcs backend uses, in its format, so that each waits for the other.
 *
 * Our commands take it themselves and run terraform with `-lock=false`. Terraform's backend fails with "storage: object doesn't
 * exist" if the holder unlocks between its write and its read, in spite of `-lock-timeout`; and it names a person and a host,
 * not the run. Source: https://github.com/hashicorp/terraform/issues/30149
 */
export class StateLock {
  private readonly object: BucketObject;

  /** @param stack - stack id, for messages. */
  constructor(
    private readonly stack: string,
    state: { readonly bucket: string; readonly prefix: string },
    env: NodeJS.ProcessEnv = process.env,
  ) {
    this.object = new BucketObject(state.bucket, `${state.prefix}/default.tflock`, env);
  }

  /** Who holds it now. */
  async holder(): Promise<HeldBy | undefined> {
    const found = await this.object.read();
    return found && { ...holderOf(found.content), generation: found.generation };
  }

  /**
   * Takes the lock, and waits for a holder.
   *
   * @throws {FailedError} if its holder is dead: the state has to be repaired first.
   * @throws {RefusedError} if the holder has not released it in time.
   */
  async take({ operation, onWait, signal, waitMs = WAIT_MS }: Taking): Promise<Held> {
    const lock = newLock(operation, this.object.place);
    const until = Date.now() + waitMs;
    let told = false;
    for (;;) {
      signal?.throwIfAborted();
      const generation = await this.object.write(JSON.stringify(lock), '0');
      if (generation) return this.held(lock, generation);
      const holder = await this.holder();
      // Released between our write and our read: the next write may succeed.
      if (!holder) continue;
      if (holder.id === lock.ID) return this.held(lock, holder.generation);
      if (holder.dead) throw new InterruptedRunError(this.stack, holder);
      if (!told) onWait?.(holder);
      told = true;
      if (Date.now() >= until) throw new RefusedError(heldMessage(this.stack, holder));
      await setTimeout(POLL_MS * (1 + Math.random()), undefined, { signal });
    }
  }

  /** Frees the lock of a holder, and of nobody who has taken it since. */
  async free({ generation }: HeldBy): Promise<void> {
    await this.object.remove(generation);
  }

  private held(lock: ReturnType<typeof newLock>, generation: string): Held {
    return {
      id: lock.ID,
      release: () => this.object.remove(generation),
      interrupted: async (reason) => {
        await this.object.write(JSON.stringify(endedBy(lock, reason)), generation);
      },
    };
  }
}

/** The last run on a state was killed: what it did last may be missing in the state. */
class InterruptedRunError extends FailedError {
  constructor(stack: string, { who, since, operation, dead }: Holder) {
    super(
      `${operation || 'a run'} on ${stack} by ${who} since ${since} did not end: ${dead}; its last operations may be missing in ` +
        'the state. Repair it: npm run state -- doctor --heal, with --env and --layer',
    );
  }
}

/** What to do about a lock whose holder may be alive. */
export function heldMessage(stack: string, { who, since, operation }: Holder): string {
  return (
    `the state of ${stack} is locked by ${who} since ${since} (${operation || 'unknown operation'}); wait for that run, or, if ` +
    'it is dead: npm run state -- doctor --heal --break-lock, with --env and --layer'
  );
}
