import { readFileSync } from 'node:fs';
import type { Command, CommanderError } from 'commander';
import { UsageError } from '../../errors';

// A reader such as head may end before everything is written; what the command does must not end in the middle of it.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

/**
 * Adds the options that every command about one environment has: `--platform`, `--env` and `--json`. Wrong usage ends as
 * `strict` describes.
 *
 * @param env - the environment when `--env` is missing, for commands that change nothing real; `'optional'` for none.
 * @default - `--env` is required, so that a command that writes never acts on production by mistake
 */
export function platformOptions(command: Command, env?: 'optional' | 'prod'): Command {
  const common = wholePlatformOptions(command);
  if (env === 'prod') return common.option('--env <name>', 'environment of the platform', env);
  if (env === 'optional') return common.option('--env <name>', 'environment of the platform');
  return common.option('--env <name>', 'environment of the platform (required)').hook('preAction', requireEnv);
}

/** Ends a command that writes and was given no environment. Runs after `refuseLostOptions`, whose reason is the better one. */
function requireEnv(command: Command): void {
  if (command.opts()['env'] === undefined) command.error('--env is missing; name the environment, as in: --env prod');
}

/** Adds the options of a command about all of a platform: `--platform` and `--json`. */
export function wholePlatformOptions(command: Command): Command {
  return strict(command)
    .option(
      '--platform <name>',
      'folder of platforms/; PLATFORM in the environment overrides the default',
      defaultPlatform(),
    )
    .option('--json', 'print JSON and nothing else');
}

/** The environment that a command was given, as an argument or by `--env`. @throws {UsageError} when there is none, or two. */
export function environmentArgument(argument: string | undefined, option: string | undefined): string {
  if (argument !== undefined && option !== undefined && argument !== option)
    throw new UsageError(`got environment "${argument}" and --env ${option}; give one of them`);
  const env = argument ?? option;
  if (env !== undefined) return env;
  throw new UsageError('no environment given; name one, such as prod, or use --env');
}

/** Ends wrong usage with exit code 2, and takes an option that npm kept to itself for wrong usage. */
export function strict(command: Command): Command {
  return command.exitOverride(wrongUsage).hook('preAction', refuseLostOptions);
}

/** npm keeps options that stand before `--` to itself, and a --dry-run that never arrives would change the world. */
function refuseLostOptions(command: Command): void {
  const called = [command.parent?.name(), command.name()].filter(Boolean).join(' ');
  for (const { long } of command.options) {
    const variable = `npm_config_${long?.slice(2).replaceAll('-', '_')}`;
    if (process.env[variable])
      command.error(`npm has kept ${long} to itself; put it behind --, as in: ${called} ${long}`);
  }
}

/** Ends a command that was called wrongly with exit code 2, and one that was asked for help with 0. */
export function wrongUsage(error: CommanderError): never {
  process.exit(error.exitCode === 0 ? 0 : 2);
}

/** Ends the command with a message instead of a stack trace; STRATA_DEBUG shows both. */
export function fail(error: unknown): void {
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: '' };
  console.error(process.env['STRATA_DEBUG'] ? stack : message);
  process.exitCode = (error as { exitCode?: number }).exitCode ?? 1;
}

/** The platform that a command is about when it is not told. */
export function defaultPlatform(): string {
  return process.env['PLATFORM'] ?? configuredPlatform();
}

/** The platform whose repository this is, whatever the environment says. */
export function configuredPlatform(): string {
  const { context } = JSON.parse(readFileSync('cdktf.json', 'utf8')) as { context?: { platform?: string } };
  return context?.platform ?? 'threads';
}
