import type { Clock } from '../../clients/clock';
import { messageOf } from '../../errors';

/** One finished step of a delivery. */
export interface TimelineStep {
  readonly name: string;
  readonly outcome: 'ok' | 'failed';
  readonly seconds: number;
  /** Its result in a few words. */
  readonly detail: string;
}

/** The steps of a delivery, with their results and durations. */
export class Timeline {
  readonly steps: TimelineStep[] = [];

  /** @param onStep - called as each step ends. */
  constructor(
    private readonly clock: Clock,
    private readonly onStep: (step: TimelineStep) => void = () => undefined,
  ) {}

  /** Runs a step and records its result. @param detail - the result in a few words. */
  async step<T>(name: string, work: () => Promise<T>, detail: (result: T) => string = () => ''): Promise<T> {
    const start = this.clock.now();
    const end = (outcome: TimelineStep['outcome'], text: string) => {
      const step = { name, outcome, seconds: (this.clock.now() - start) / 1000, detail: text };
      this.steps.push(step);
      this.onStep(step);
    };
    try {
      const result = await work();
      end('ok', detail(result));
      return result;
    } catch (error) {
      end('failed', messageOf(error).split('\n')[0] ?? '');
      throw error;
    }
  }

  /** Seconds of all steps together. */
  get seconds(): number {
    return this.steps.reduce((sum, { seconds }) => sum + seconds, 0);
  }
}

/** A step that has just ended. Why it failed is left out: the error ends the command, and is printed then. */
export function renderProgress(step: TimelineStep): string {
  return renderStep(step.outcome === 'ok' ? step : { ...step, detail: '' });
}

/** A step as one line: outcome, name, duration, detail. */
export function renderStep({ name, outcome, seconds, detail }: TimelineStep): string {
  const line = `${outcome === 'ok' ? 'ok    ' : 'FAILED'}  ${name.padEnd(22)}  ${seconds.toFixed(1).padStart(6)} s  ${detail}`;
  return line.trimEnd();
}
