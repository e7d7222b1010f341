import type { Command } from 'commander';

/** What the help of a command ends with. */
interface Ending {
  /** Calls of the command, each on a line of at most 78 characters, or broken with a backslash. */
  readonly examples: readonly string[];
  /** Exit codes and their meanings, such as `0 done, 1 failed`. */
  readonly exits: string;
  /** Sentences after them. @default - none */
  readonly notes?: readonly string[];
}

/** Ends the help of a command with examples and its exit codes. */
export function endHelp(command: Command, { examples, exits, notes = [] }: Ending): Command {
  const shown = examples.map((example) => `  ${example.replace(/\\\n */g, '\\\n      ')}`);
  return command.addHelpText('after', ['\nExamples:', ...shown, '', `Exit codes: ${exits}.`, ...notes].join('\n'));
}
