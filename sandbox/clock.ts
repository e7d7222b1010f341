import { AsyncLocalStorage } from 'node:async_hooks';

/** Real milliseconds without any activity after which simulated time moves on to the next event. */
const QUIET_MS = 8;

/**
 * The same while nothing waits. Longer, so that a client that thinks between two calls does not find a
 * machine booted in between: its own next call comes first.
 */
const UNWATCHED_QUIET_MS = 250;

interface Event {
  readonly at: number;
  readonly order: number;
  /** Work drives the clock; routine (a poll, a schedule) only fires when something else moves time past it. */
  readonly work: boolean;
  readonly fire: () => void | Promise<void>;
}

/** A moment, in milliseconds since the epoch, as RFC 3339 to the second. */
export function isoOf(moment: number): string {
  return new Date(moment).toISOString().replace(/\.\d+Z$/, 'Z');
}

/**
 * The sandbox's simulated clock: a discrete-event clock that jumps to the next event as soon as everybody waits.
 *
 * Operations that overlap in terraform overlap here too: five disks of ten seconds each created in parallel take ten
 * seconds, not fifty. All times are milliseconds since the epoch; all durations are seconds.
 */
export class SimulatedClock {
  private events: Event[] = [];
  private order = 0;
  private active = 0;
  /** How many wait: for a duration, or for everything to settle. */
  private waiting = 0;
  /** Who is busy: the same party may sleep several times at once, and counts as waiting while it does. */
  private readonly party = new AsyncLocalStorage<{ sleeps: number }>();
  private readonly listeners = new Set<(milliseconds: number) => void>();
  private stopped = false;
  private timer: NodeJS.Timeout | undefined;

  /** @param start - the first moment, in milliseconds since the epoch. */
  constructor(private time: number) {}

  /** The simulated moment, in milliseconds since the epoch. */
  now(): number {
    return this.time;
  }

  /** The simulated moment as RFC 3339, to the second. */
  iso(): string {
    return isoOf(this.time);
  }

  /** Resolves when `seconds` of simulated time have passed. The caller counts as waiting, not as active. */
  async sleep(seconds: number): Promise<void> {
    await this.wait(() => new Promise<void>((resolve) => this.schedule(seconds, true, resolve)));
  }

  /** Waits for what others do. The caller counts as waiting, not as active. */
  async wait<T>(wait: () => Promise<T>): Promise<T> {
    const party = this.party.getStore();
    if (party && party.sleeps++ === 0) this.active--;
    this.waiting++;
    this.arm();
    try {
      return await wait();
    } finally {
      this.waiting--;
      if (party && --party.sleeps === 0) this.active++;
    }
  }

  /**
   * Runs `fire` after `seconds` of simulated time. Work (the default) pulls the clock forward; routine waits for others
   * to do so. Returns a function that cancels it.
   */
  after(seconds: number, fire: () => void | Promise<void>, kind: 'work' | 'routine' = 'work'): () => void {
    return this.schedule(seconds, kind === 'work', fire);
  }

  /** Marks what runs inside as activity: time does not pass until it ends or sleeps. */
  async busy<T>(work: () => Promise<T>): Promise<T> {
    this.active++;
    try {
      return await this.party.run({ sleeps: 0 }, work);
    } finally {
      this.active--;
      this.arm();
    }
  }

  /** Lets `seconds` of simulated time pass, firing everything that falls due, routine too. */
  async advance(seconds: number): Promise<void> {
    const end = this.time + seconds * 1000;
    for (;;) {
      const next = this.next(() => true);
      if (!next || next.at > end) break;
      await this.fire(next);
    }
    this.moveTo(end);
  }

  /** Resolves when no work is scheduled and nothing else is active: everything that was started has ended. */
  async settled(): Promise<void> {
    await this.wait(async () => {
      while (this.active > 0 || this.next((event) => event.work)) {
        await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
      }
    });
  }

  /**
   * Calls a listener before time moves on, with the milliseconds for which everything stays as it is now.
   *
   * @returns a function that ends it.
   */
  onPass(listener: (milliseconds: number) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Stops time for good: what is pending, and whatever is still scheduled, never happens. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.events = [];
  }

  private schedule(seconds: number, work: boolean, fire: () => void | Promise<void>): () => void {
    const event: Event = { at: this.time + seconds * 1000, order: this.order++, work, fire };
    this.events.push(event);
    this.arm();
    return () => {
      this.events = this.events.filter((other) => other !== event);
    };
  }

  private next(matches: (event: Event) => boolean): Event | undefined {
    return this.events.filter(matches).sort((a, b) => a.at - b.at || a.order - b.order)[0];
  }

  private arm(): void {
    clearTimeout(this.timer);
    if (this.stopped || this.active > 0 || !this.next((event) => event.work)) return;
    this.timer = setTimeout(() => void this.tick(), this.waiting > 0 ? QUIET_MS : UNWATCHED_QUIET_MS);
  }

  private async tick(): Promise<void> {
    if (this.active > 0) return;
    const target = this.next((event) => event.work)?.at;
    if (target === undefined) return;
    for (let due = this.next((event) => event.at <= target); due; due = this.next((event) => event.at <= target)) {
      await this.fire(due);
    }
    this.arm();
  }

  private moveTo(moment: number): void {
    if (moment <= this.time) return;
    for (const listener of this.listeners) listener(moment - this.time);
    this.time = moment;
  }

  private async fire(event: Event): Promise<void> {
    this.events = this.events.filter((other) => other !== event);
    this.moveTo(event.at);
    await this.busy(async () => event.fire());
  }
}
