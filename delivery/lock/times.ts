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

/** A waiter of 5 minutes never outlasts the lease: a dead run's lock is broken by a person, or outlasted by who waits longer. */
export const LOCK_TIMES: LockTimes = { lease: 900_000, renew: 60_000, poll: 10_000, wait: 300_000 };
