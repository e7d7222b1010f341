/** What a provider is asked to do to a resource. */
export type Operation = 'create' | 'update' | 'delete' | 'read';

/** One injected failure. Plain JSON, so that a test or a command can pass it to a running sandbox. */
export interface FaultRule {
  readonly operation: Operation;
  /** Resource type. @default - every type */
  readonly type?: string;
  /** Which matching call fails, from 1. @default - every one */
  readonly nth?: number;
  /**
   * - `fail`: refused before anything happened.
   * - `hang`: never begun and never answered.
   * - `lose-answer`: done and never answered.
   * - `fail-after`: done and answered with an error, as when a connection breaks.
   * - `kill`: done, and every terraform of the sandbox is killed before it is answered.
   */
  readonly effect: 'fail' | 'hang' | 'lose-answer' | 'fail-after' | 'kill';
  /** What a failure says. @default "Error 503: the service is currently unavailable" */
  readonly message?: string;
}

/** The faults of one sandbox, and how often each has been met. */
export class Faults {
  /** Called when a call meets a rule, before the rule takes effect. */
  onMeet: (rule: FaultRule) => void = () => {};
  /** Refuses every write of a terraform state, as a bucket does whose rights were taken away. */
  refuseStateWrites = false;
  private calls = new Map<FaultRule, number>();

  /** @param kill - kills every terraform of the sandbox. @default - there is none to kill */
  constructor(
    private rules: readonly FaultRule[] = [],
    readonly kill: () => void = () => {},
  ) {}

  /** Replaces all rules; counting starts anew. */
  set(rules: readonly FaultRule[]): void {
    this.rules = rules;
    this.calls = new Map();
  }

  /** Counts one call, and returns the failure to inject, if any. The first rule that applies wins. */
  meet(operation: Operation, type: string): FaultRule | undefined {
    const matching = this.rules.filter((rule) => rule.operation === operation && (rule.type ?? type) === type);
    for (const rule of matching) this.calls.set(rule, (this.calls.get(rule) ?? 0) + 1);
    const met = matching.find((rule) => rule.nth === undefined || rule.nth === this.calls.get(rule));
    if (met) this.onMeet(met);
    return met;
  }
}
