/** Times of a lock, in milliseconds. */
export interface LockTimes {
  /** How long a client must have seen the ref unchanged before it takes over. Longer than the longest rollout (600 s). */
  readonly lease: number;
  /** How often the holder moves the ref. */
  readonly renew: number;
  /** How long a client waits between two looks. */
  readonly poll: number;
  /** How long a client waits in all. */
  readonly wait: number;
}

/** The wait is shorter than the lease: the lock of a dead run is broken by a person, or taken over by a client that waits longer. */
export const LOCK_TIMES: LockTimes = { lease: 900_000, renew: 60_000, poll: 10_000, wait: 300_000 };
