import type { Command, CommanderError } from 'commander';
import { EXIT_CODES, UsageError } from '../../errors';
import { defaultPlatform } from '../../platforms/load';

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
      platformDefault(),
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

/** The default of `--platform`. Defaults are needed before a command runs: without one the process ends here. */
export function platformDefault(): string {
  try {
    return defaultPlatform();
  } catch (error) {
    console.error((error as Error).message);
    process.exit(EXIT_CODES.usage);
  }
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
