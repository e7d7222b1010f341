/** What a provider is asked to do to a resource. */
export type Operation = 'create' | 'update' | 'delete' | 'read';

/** One injected failure. Plain JSON, so that a test or a command can pass it to a running sandbox. */
export interface FaultRule {
  readonly operation: Operation;
  /** Resource type. @default - every type */
  readonly type?: string;
  /** Which matching call fails, from 1. @default - every one */
  readonly nth?: number;
  /** Refused before anything happened, never begun nor answered, or done and never answered. */
  readonly effect: 'fail' | 'hang' | 'lose-answer';
  /** What a failure says. @default "Error 503: the service is currently unavailable" */
  readonly message?: string;
}

/** The faults of one sandbox, and how often each has been met. */
export class Faults {
  private calls = new Map<FaultRule, number>();

  constructor(private rules: readonly FaultRule[] = []) {}

  /** Replaces all rules; counting starts anew. */
  set(rules: readonly FaultRule[]): void {
    this.rules = rules;
    this.calls = new Map();
  }

  /** Counts one call, and returns the failure to inject, if any. The first rule that applies wins. */
  meet(operation: Operation, type: string): FaultRule | undefined {
    const matching = this.rules.filter((rule) => rule.operation === operation && (rule.type ?? type) === type);
    for (const rule of matching) this.calls.set(rule, (this.calls.get(rule) ?? 0) + 1);
    return matching.find((rule) => rule.nth === undefined || rule.nth === this.calls.get(rule));
  }
}
