/** The sandbox cannot be used as it was asked for. Commands print the message and end with the exit code. */
export class SandboxError extends Error {
  /** @param exitCode - 2: the directory is not a sandbox; 3: another process uses it. */
  constructor(
    message: string,
    readonly exitCode: 2 | 3,
  ) {
    super(message);
    this.name = 'SandboxError';
  }
}

/** What an error says, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
