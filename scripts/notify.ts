import { Argument, Command } from 'commander';
import { type Notice, STAGES, STATES, textOf } from '../delivery/notify/notice';
import { notify } from '../delivery/notify/slack';
import { UsageError } from '../errors';
import { loadPlatform } from '../platforms/load';
import { environmentOf } from '../platforms/schema/define-platform';
import { fail, platformOptions } from './support/options';

interface Options {
  readonly platform: string;
  readonly env?: string;
  readonly service: string;
  readonly tag: string;
  readonly duration?: string;
  readonly link?: Record<string, string>;
  readonly error?: string;
  readonly json?: true;
  readonly dryRun?: true;
}

platformOptions(new Command('npm run notify --'), 'optional')
  .description(
    "Tells the platform's channel in Slack about a build, a deployment or a rollback, with the token of a bot in SLACK_BOT_TOKEN.\n" +
      'Ends with exit code 0 even where Slack does not take it, since nothing depends on it: a warning says why.',
  )
  .addArgument(new Argument('<stage>', 'what it is about').choices(STAGES))
  .addArgument(new Argument('<state>', 'how it goes').choices(STATES))
  .requiredOption('--service <name>', 'what was built or deployed')
  .requiredOption('--tag <tag>', 'its version')
  .option('--duration <seconds>', 'how long it took')
  .option('--link <name=address>', 'something to look at, such as run=https://...; may be given again', addLink)
  .option('--error <text>', 'what went wrong')
  .option('--dry-run', 'print the message, and send nothing')
  .action(async (stage: Notice['stage'], state: Notice['state'], options: Options) => {
    const platform = loadPlatform(options.platform);
    const { env, service, tag: version, duration, link: links, error } = options;
    if (stage !== 'build' && env === undefined) {
      throw new UsageError(`--env is missing; name the environment of the ${stage}`);
    }
    if (env !== undefined) environmentOf(platform, env);
    const notice: Notice = {
      stage,
      state,
      service,
      version,
      environment: env,
      duration: duration === undefined ? undefined : secondsOf(duration),
      links,
      error,
    };
    const channel = platform.slack?.channel;
    const text = textOf(notice);
    const sent = !options.dryRun && (await notify(platform, notice));
    if (options.json) return console.log(JSON.stringify({ channel, text, sent }, null, 2));
    if (!channel) console.log(`platform "${platform.name}" has no channel in Slack, so nobody is told`);
    else if (options.dryRun) console.log(`would tell ${channel}:\n${text}`);
    else if (sent) console.log(`told ${channel}`);
  })
  .parseAsync()
  .catch(fail);

function addLink(text: string, links: Record<string, string> = {}): Record<string, string> {
  const [, name, address] = /^([\w -]+)=(https?:\/\/\S+)$/.exec(text) ?? [];
  if (name && address) return { ...links, [name]: address };
  throw new UsageError(`--link: got "${text}"; give a name and an address, such as run=https://github.com/...`);
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== '' && seconds >= 0 && Number.isFinite(seconds)) return seconds;
  throw new UsageError(`--duration: got "${text}"; give seconds`);
}
