import { setTimeout as wait } from 'node:timers/promises';

/** A clock. Tests replace it. */
export interface Clock {
  /** Monotonic milliseconds on this machine, to measure durations. */
  now(): number;
  /** The time of day, to show to people. */
  date(): Date;
  /** Waits. @throws the signal's reason if it is aborted meanwhile */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  sleep: async (ms, signal) => {
    try {
      await wait(ms, undefined, { signal });
    } catch (error) {
      throw signal?.reason ?? error;
    }
  },
};
