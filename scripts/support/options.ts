import { type Command, type CommanderError, InvalidArgumentError } from 'commander';
import { EXIT_CODES, UsageError } from '../../errors';
import { defaultPlatform } from '../../platforms/load';

/**
 * Adds the options of every command about one environment: `--platform`, `--env` and `--json`. See `strict` for wrong usage.
 *
 * @param env - the default of `--env`, for commands that change nothing real; `'optional'` for none.
 * @default - `--env` is required, so that a command never writes to production by mistake
 */
export function platformOptions(command: Command, env?: 'optional' | 'prod'): Command {
  const common = wholePlatformOptions(command);
  if (env === 'prod') return common.option('--env <name>', 'environment of the platform', env);
  if (env === 'optional') return common.option('--env <name>', 'environment of the platform');
  return common.option('--env <name>', 'environment of the platform (required)').hook('preAction', requireEnv);
}

/** Ends a command that needs an environment and has none. It runs after `refuseLostOptions`, which has a better message. */
function requireEnv(command: Command): void {
  if (command.opts()['env'] === undefined) command.error('--env: missing; give the environment, such as: --env prod');
}

/** Adds the options of a command about a whole platform: `--platform` and `--json`. */
export function wholePlatformOptions(command: Command): Command {
  return strict(command)
    .option(
      '--platform <name>',
      'folder of platforms/; PLATFORM in the environment overrides the default',
      platformDefault(),
    )
    .option('--json', 'print JSON only');
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

/** The environment of a command, from its argument or `--env`. @throws {UsageError} if there is none, or two. */
export function environmentArgument(argument: string | undefined, option: string | undefined): string {
  if (argument !== undefined && option !== undefined && argument !== option)
    throw new UsageError(`got environment "${argument}" and --env ${option}; give only one of them`);
  const env = argument ?? option;
  if (env !== undefined) return env;
  throw new UsageError('environment: missing; give one, such as prod, or use --env');
}

/** Exits with 2 on wrong usage, which includes an option that npm has consumed. */
export function strict(command: Command): Command {
  return command.exitOverride(wrongUsage).hook('preAction', refuseLostOptions);
}

/** npm consumes options before `--`. Without this check, a lost --dry-run would change the world. */
function refuseLostOptions(command: Command): void {
  const called = [command.parent?.name(), command.name()].filter(Boolean).join(' ');
  for (const { long } of command.options) {
    const variable = `npm_config_${long?.slice(2).replaceAll('-', '_')}`;
    if (process.env[variable]) command.error(`npm consumed ${long}; put it after --: ${called} ${long}`);
  }
}

/** Exits with 2 on wrong usage, and with 0 after `--help`. */
export function wrongUsage(error: CommanderError): never {
  process.exit(error.exitCode === 0 ? 0 : 2);
}

/** Parses an option whose value is a whole number from 1. */
export function positiveInteger(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('give a whole number from 1.');
}
