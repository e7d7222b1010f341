import type { RefStore } from '../../delivery/git/ref-store';
import { type CommitId, type PushOutcome, UnknownOutcomeError } from '../../delivery/git/ref-store';
import type { Ending, Script, Step } from './client';

/** What a client is answered. */
export type Answer = Record<string, CommitId | null> | PushOutcome | 'lost' | number;

/** Where a client is: before its next step, or at its end. */
export type Position = { readonly step: Step } | { readonly ending: Ending };

/** One run of a client, which stops at each step until it is answered. */
export class Run {
  /** The first position. */
  readonly first: Promise<Position>;
  private arrive: (position: Position) => void = () => undefined;
  private fail: (error: unknown) => void = () => undefined;
  private answer: (answer: Answer) => void = () => undefined;

  /** @param store - its commits are used, its refs are not */
  constructor(script: Script, client: number, store: RefStore) {
    this.first = this.nextPosition();
    const ask = <T>(step: Step) => this.ask(step) as Promise<T>;
    script(client, store, {
      read: (refs) => ask({ kind: 'read', refs }),
      push: (updates) => ask({ kind: 'push', updates }),
      sleep: (ms) => ask({ kind: 'sleep', ms }),
    }).then(
      (ending) => this.arrive({ ending }),
      (error: unknown) => this.fail(error),
    );
  }

  /** Answers the step that the client has stopped at. */
  feed(answer: Answer): Promise<Position> {
    const next = this.nextPosition();
    this.answer(answer);
    return next;
  }

  private nextPosition(): Promise<Position> {
    return new Promise((resolve, reject) => {
      this.arrive = resolve;
      this.fail = reject;
    });
  }

  private async ask(step: Step): Promise<Answer> {
    const answer = await new Promise<Answer>((resolve) => {
      this.answer = resolve;
      this.arrive({ step });
    });
    if (answer === 'lost') throw new UnknownOutcomeError('the answer was lost');
    return answer;
  }
}
