/** When the process dies: before a call has any effect, or after it, and before its answer. */
export type Moment = 'before' | 'after';

/**
 * Lets a process die at one of its calls to the outside. From then on none of its calls has an effect or returns, so that it
 * cannot clean up either.
 */
export class Fuse {
  calls = 0;
  /** Resolves when the process has died. */
  readonly died: Promise<'died'>;
  private dead = false;
  private tell: () => void = () => {};

  /** @param at - the number of the call, from 1; 0 for none */
  constructor(
    private readonly at: number,
    private readonly moment: Moment,
  ) {
    this.died = new Promise((resolve) => {
      this.tell = () => resolve('died');
    });
  }

  /** The same object, with some of its asynchronous methods as calls to the outside. */
  on<T extends object>(target: T, methods: readonly (keyof T & string)[]): T {
    return this.wrap(target, methods, (call) => this.counted(call));
  }

  /** The same object, with methods that only end with the process, such as a sleep. */
  local<T extends object>(target: T, methods: readonly (keyof T & string)[]): T {
    return this.wrap(target, methods, async (call) => (this.dead ? never() : this.unlessDead(await call())));
  }

  private async counted(call: () => unknown): Promise<unknown> {
    if (this.dead) return never();
    const isLast = ++this.calls === this.at;
    if (isLast && this.moment === 'before') return this.die();
    const answer = await call();
    return isLast ? this.die() : this.unlessDead(answer);
  }

  private unlessDead(answer: unknown): unknown {
    return this.dead ? never() : answer;
  }

  private die(): Promise<never> {
    this.dead = true;
    this.tell();
    return never();
  }

  private wrap<T extends object>(
    target: T,
    methods: readonly (keyof T & string)[],
    around: (call: () => unknown) => Promise<unknown>,
  ): T {
    return new Proxy(target, {
      get: (object, name) => {
        const found: unknown = Reflect.get(object, name, object);
        if (typeof found !== 'function') return found;
        if (!methods.some((method) => method === name)) return found.bind(object);
        return (...args: unknown[]) => around(() => found.apply(object, args));
      },
    });
  }
}

function never(): Promise<never> {
  return new Promise(() => {});
}
