import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, CommanderError } from 'commander';

const ROOT = join(__dirname, '../..');
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
const loaded = new Map<string, Command>();

/**
 * Says what is wrong with the words of a command, by the definition of the command itself. Nothing is run.
 *
 * @param words - such as `npm`, `run`, `--silent`, `ship`, `--`, `nextjs`.
 */
export function commandProblems(words: readonly string[]): string[] {
  const [npm, verb, ...rest] = words.filter((word) => word !== '--silent');
  const shown = words.join(' ');
  if (npm !== 'npm') return [`\`${shown}\` calls no command of ours`];
  if (verb === 'ci') return rest.length > 0 ? [`\`${shown}\`: npm ci is called without arguments`] : [];
  const [script = '', separator, ...args] = rest;
  if (verb !== 'run' || !scripts[script]) return [`\`${shown}\`: package.json has no script "${script}"`];
  if (separator === undefined) return [];
  if (separator !== '--') return [`\`${shown}\`: npm keeps "${separator}" to itself; put it behind --`];
  const inner = args.indexOf('--');
  const own = inner < 0 ? args : args.slice(0, inner);
  return [...ofCommand(script, own, shown), ...(inner < 0 ? [] : commandProblems(args.slice(inner + 1)))];
}

function ofCommand(script: string, args: readonly string[], shown: string): string[] {
  if (!existsSync(join(ROOT, 'scripts', `${script}.ts`))) return [`\`${shown}\`: there is no scripts/${script}.ts`];
  try {
    definitionOf(script).parse(args, { from: 'user' });
    return [];
  } catch (error) {
    if (error instanceof CommanderError) return [`\`${shown}\`: ${error.message}`];
    throw error;
  }
}

/** The definition of a command, without its actions. */
function definitionOf(script: string): Command {
  const known = loaded.get(script);
  if (known) return known;
  const { default: found } = require(join(ROOT, 'scripts', script)) as { default: Command };
  inert(found);
  loaded.set(script, found);
  return found;
}

function inert(command: Command): void {
  command
    .exitOverride()
    .configureOutput({ writeOut: () => undefined, writeErr: () => undefined, outputError: () => undefined });
  if (command.commands.length === 0) command.action(() => undefined);
  for (const one of command.commands) inert(one);
}
