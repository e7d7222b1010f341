import { Argument, Command } from 'commander';
import { type Notice, STAGES, STATES, textOf } from '../delivery/notify/notice';
import { notify } from '../delivery/notify/slack';
import { UsageError } from '../errors';
import { loadPlatform } from '../platforms/load';
import { environmentOf } from '../platforms/schema/define-platform';
import { endHelp } from './support/help';
import { platformOptions } from './support/options';
import { start } from './support/start';

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

const command = endHelp(platformOptions(new Command('npm run notify --'), 'optional'), {
  examples: [
    'npm run notify -- deployment failed --env prod --service nextjs \\\n--tag 8caff6f --error "out of memory" --dry-run',
  ],
  exits: '0 posted, or Slack did not accept it, 2 wrong usage or configuration',
})
  .description(
    "Posts a message about a build, a deployment or a rollback to the platform's Slack channel, with the bot token in SLACK_BOT_TOKEN. " +
      'If Slack does not accept it, prints a warning and still exits with 0, so that a deployment does not fail.',
  )
  .addArgument(new Argument('<stage>', 'stage of the delivery').choices(STAGES))
  .addArgument(new Argument('<state>', 'state of that stage').choices(STATES))
  .requiredOption('--service <name>', 'service that is built or deployed (required)')
  .requiredOption('--tag <tag>', 'image tag or commit (required)')
  .option('--duration <seconds>', 'duration in seconds')
  .option('--link <name=address>', 'link to add, such as run=https://...; can be repeated', addLink)
  .option('--error <text>', 'error message to add')
  .option('--dry-run', 'print the message without sending it')
  .action(async (stage: Notice['stage'], state: Notice['state'], options: Options) => {
    const platform = loadPlatform(options.platform);
    const { env, service, tag: version, duration, link: links, error } = options;
    if (stage !== 'build' && env === undefined) {
      throw new UsageError(`--env: missing; give the environment of the ${stage}`);
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
    if (!channel) console.log(`platform "${platform.name}" has no Slack channel; nothing was posted`);
    else if (options.dryRun) console.log(`would post to ${channel}:\n${text}`);
    else if (sent) console.log(`posted to ${channel}`);
  });

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

export default start(command, module);
