/** Exit codes that every command shares. */
export const EXIT_CODES = {
  done: 0,
  failed: 1,
  /** The command was called wrongly, or the configuration is not valid. */
  usage: 2,
  /** A gate, a guard or a lock refused. */
  refused: 3,
  /** The command succeeded and found differences. */
  different: 4,
  /** The cluster is outside its power schedule. */
  asleep: 5,
} as const;

/** An error that a person can act on. Commands print its message without a stack trace and end with its exit code. */
export abstract class StrataError extends Error {
  abstract readonly exitCode: number;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** What an error says, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** An operation failed, and the message says what to do next. */
export class FailedError extends StrataError {
  readonly exitCode = EXIT_CODES.failed;
}

/** Wrong arguments, or a configuration that is not valid. */
export class UsageError extends StrataError {
  readonly exitCode = EXIT_CODES.usage;
}

/** A gate, a guard or a lock refused the operation. */
export class RefusedError extends StrataError {
  readonly exitCode = EXIT_CODES.refused;
}

/** The operation needs a cluster that is asleep. */
export class AsleepError extends StrataError {
  readonly exitCode = EXIT_CODES.asleep;
}
