import { setTimeout as wait } from 'node:timers/promises';

/** Time, as the delivery sees it. Tests bring their own. */
export interface Clock {
  /** Milliseconds that only ever grow, on this machine alone: what durations are measured by. */
  now(): number;
  /** The time of day, for people. */
  date(): Date;
  /** Waits. @throws the signal's reason when it is aborted meanwhile */
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
