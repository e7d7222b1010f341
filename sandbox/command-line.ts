import { tmpdir } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import { advance, parseSpan } from './advance';
import { lacksOf } from './configuration';
import { messageOf } from './errors';
import { isolate } from './isolation';
import { type Sandbox, type SandboxOptions, startSandbox } from './sandbox';
import { watchMessages } from './slack/slack';
import { supportedTypes } from './types';

/** Options that every command line of the sandbox has. */
export interface SandboxCommandOptions {
  readonly bucket?: string[];
  readonly fresh?: true;
  readonly types?: true;
  readonly advance?: number;
}

/** The sandbox that a command runs in, and what the command gets. */
export interface CommandSurroundings extends SandboxOptions {
  /** @default - the working directory of this process */
  readonly cwd?: string;
  /** Variables for the command in addition to those of the sandbox. Called when the sandbox has started. @default - none */
  readonly env?: (sandbox: Sandbox) => NodeJS.ProcessEnv;
}

/**
 * Adds a command to run as the argument, and the options `--fresh`, `--bucket`, `--advance` and `--types`. With `--types` the
 * types are listed and `run` is not called.
 */
export function addSandboxOptions<Options extends SandboxCommandOptions>(
  command: Command,
  run: (program: string | undefined, args: string[], options: Options) => Promise<number>,
): Command {
  return command
    .argument('[command...]', 'the command; everything after its name is passed to it')
    .option('--fresh', 'start over with empty clouds')
    .option('--bucket <name>', 'a bucket that exists too; may be given again', toBuckets)
    .option('--advance <span>', 'let simulated time pass, such as 2h30m, before the command if there is one', toSeconds)
    .option('--types', 'list the types that the sandbox knows, and how many of their arguments have a rule')
    .passThroughOptions()
    .action(async ([program, ...args]: string[], options: Options) => {
      if (options.types && program) return command.error(`--types runs no command; got "${program}"`);
      if (options.types) return printTypes();
      if (!program && options.advance === undefined) {
        return command.error('no command given; name the command to run, such as bash; see --help');
      }
      process.exitCode = await run(program, args, options);
    });
}

/** Starts a sandbox, lets simulated time pass, runs a command if there is one, and closes the sandbox. Returns the exit code. */
export async function runInSandbox(
  program: string | undefined,
  args: readonly string[],
  { cwd = process.cwd(), env, ...surroundings }: CommandSurroundings,
  options: SandboxCommandOptions,
): Promise<number> {
  const sandbox = await startSandbox({
    ...surroundings,
    buckets: [...(surroundings.buckets ?? []), ...(options.bucket ?? [])],
    fresh: options.fresh,
  });
  const posted = watchMessages(sandbox.world);
  try {
    if (options.advance !== undefined) {
      for (const line of await advance(sandbox.world, options.advance)) console.error(line);
      console.error(`sandbox: it is ${sandbox.world.clock.iso()} now`);
    }
    if (!program) return 0;
    const isolation = isolate([cwd, process.cwd(), surroundings.directory, tmpdir()]);
    console.error(`sandbox: ${isolation.sentence}`);
    for (const lack of lacksOf(cwd)) console.error(`sandbox: ${lack}`);
    return await sandbox.run(program, args, { cwd, isolation, env: env?.(sandbox) });
  } finally {
    await sandbox.close();
    for (const { channel, line } of posted()) console.error(`sandbox: posted to ${channel} in Slack: ${line}`);
    const { checked, accepted } = sandbox.coverage.total();
    if (checked + accepted > 0) {
      console.error(
        `sandbox: ${checked + accepted} arguments configured: ${checked} checked by a rule, ${accepted} accepted unread`,
      );
    }
  }
}

function toBuckets(name: string, all: string[] = []): string[] {
  if (/^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/.test(name)) return [...all, name];
  throw new InvalidArgumentError('give a name of 3 to 63 lowercase letters, digits, hyphens, underscores and dots');
}

function toSeconds(span: string): number {
  try {
    return parseSpan(span);
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error));
  }
}

function printTypes(): void {
  const types = supportedTypes().sort((a, b) => a.type.localeCompare(b.type));
  const width = Math.max(...types.map(({ type }) => type.length));
  const line = (name: string, ruled: number, all: number, kind = '') =>
    `${name.padEnd(width)}  ${`${ruled} of ${all}`.padStart(12)}  ${kind}`.trimEnd();
  console.log(`${'type'.padEnd(width)}  ${'with a rule'.padStart(12)}`);
  for (const { type, kind, ruled, arguments: all } of types) {
    console.log(line(type, ruled, all, kind === 'resource' ? '' : kind));
  }
  const sum = (key: 'ruled' | 'arguments') => types.reduce((total, type) => total + type[key], 0);
  console.log(line(`${types.length} types`, sum('ruled'), sum('arguments')));
}
