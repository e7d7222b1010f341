import type { Command } from 'commander';
import { EXIT_CODES } from '../../errors';
import { fitted } from '../../terminal/columns';
import { guardOutput } from '../../terminal/output';

/**
 * Starts a command if node was started with its file, and returns it. Other programs that load the file, such as tests, get the
 * command and start it with `runCommand`.
 */
export function start(command: Command, file: NodeModule): Command {
  for (const one of [command, ...command.commands]) {
    one.configureOutput({
      writeOut: (text) => console.log(fitted(text.trimEnd())),
      writeErr: (text) => console.error(text.trimEnd()),
    });
  }
  if (require.main === file) {
    guardOutput();
    void runCommand(command, process.argv.slice(2));
  }
  return command;
}

/** Runs a command to its end. Sets the exit code of this process; an error becomes a message without a stack trace. */
export async function runCommand(command: Command, args: readonly string[]): Promise<void> {
  try {
    await command.parseAsync(args, { from: 'user' });
  } catch (error) {
    fail(error);
  }
}

function fail(error: unknown): void {
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: '' };
  console.error(process.env['STRATA_DEBUG'] ? stack : message);
  process.exitCode = (error as { exitCode?: number }).exitCode ?? EXIT_CODES.failed;
}
