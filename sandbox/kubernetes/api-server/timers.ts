import type { SimulatedClock } from '../../clock';

/** What waits for simulated time to pass, each under its own key. */
export class Timers {
  private readonly waiting = new Map<string, () => void>();

  /** @param isAlive - asked when a time has come: false lets it pass. */
  constructor(
    private readonly clock: SimulatedClock,
    private readonly isAlive: () => boolean,
  ) {}

  /** Runs `fire` once after `seconds`. A key that waits already is left as it is. */
  set(key: string, seconds: number, fire: () => void, kind: 'work' | 'routine'): void {
    if (this.waiting.has(key)) return;
    const run = () => {
      this.waiting.delete(key);
      if (this.isAlive()) fire();
    };
    this.waiting.set(key, this.clock.after(seconds, run, kind));
  }

  /** Drops what waits under keys with that text in them. */
  drop(text: string): void {
    for (const [key, stop] of this.waiting) {
      if (!key.includes(text)) continue;
      stop();
      this.waiting.delete(key);
    }
  }
}
