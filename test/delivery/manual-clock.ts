import type { Clock } from '../../clients/clock';

/** A clock that stands still until somebody sleeps: then it jumps. */
export class ManualClock implements Clock {
  private time = 0;

  /** @param onSleep - what happens meanwhile */
  constructor(private readonly onSleep: (now: number) => unknown = () => undefined) {}

  now(): number {
    return this.time;
  }

  date(): Date {
    return new Date(Date.UTC(2026, 0, 1) + this.time);
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.time += ms;
    await this.onSleep(this.time);
    signal?.throwIfAborted();
  }
}
