import type { Logger, WebClientOptions } from '@slack/web-api';
import type { Platform } from '../../platforms/schema/define-platform';
import { type Notice, textOf } from './notice';

/** What to do about an error of Slack. @see https://docs.slack.dev/reference/methods/chat.postMessage#errors */
const ADVICE: Readonly<Record<string, string>> = {
  invalid_auth: 'set SLACK_BOT_TOKEN to the token of the bot',
  account_inactive: 'set SLACK_BOT_TOKEN to the token of a bot that exists',
  token_revoked: 'set SLACK_BOT_TOKEN to a new token of the bot',
  channel_not_found: 'create the channel, and invite the bot if it is private',
  not_in_channel: 'invite the bot to the channel',
  missing_scope: 'add the scope chat:write to the bot',
};

/** How a notice is posted. */
export interface NotifyOptions {
  /** @default - that of this process */
  readonly env?: NodeJS.ProcessEnv;
  /** Prints the warning about a notice that could not be posted. @default console.error */
  readonly warn?: (line: string) => void;
  /** How long Slack may take to answer each of two tries, in milliseconds. @default 5000 */
  readonly timeout?: number;
}

/**
 * Posts a notice to the Slack channel of a platform. It never throws, since a deployment does not depend on it: it prints a
 * warning of one line instead. It does nothing if the platform has no channel.
 *
 * | variable | meaning | default |
 * | --- | --- | --- |
 * | `SLACK_BOT_TOKEN` | token of the bot, with the scope `chat:write` | none: a warning |
 * | `STRATA_SLACK_ENDPOINT` | root of Slack's Web API | Slack's |
 *
 * @returns true if Slack has accepted it
 */
export async function notify(
  { slack }: Pick<Platform, 'slack'>,
  notice: Notice,
  { env = process.env, warn = console.error, timeout = 5000 }: NotifyOptions = {},
): Promise<boolean> {
  if (!slack) return false;
  const token = env['SLACK_BOT_TOKEN'];
  if (!token) {
    warn(`warning: ${slack.channel} was not notified: SLACK_BOT_TOKEN is not set`);
    return false;
  }
  try {
    // Loading it takes a tenth of a second, which other commands do not need.
    const { WebClient } = await import('@slack/web-api');
    const message = { channel: slack.channel, text: textOf(notice), unfurl_links: false };
    await new WebClient(token, slackOptions(env, timeout)).chat.postMessage(message);
    return true;
  } catch (error) {
    warn(`warning: ${slack.channel} was not notified: ${problemOf(error).replaceAll(token, '***')}`);
    return false;
  }
}

/** How Slack is called. @param timeout - how long it may take to answer each of two tries, in milliseconds */
export function slackOptions(env: NodeJS.ProcessEnv, timeout: number): WebClientOptions {
  const root = env['STRATA_SLACK_ENDPOINT'];
  return {
    ...(root && { slackApiUrl: `${root.replace(/\/$/, '')}/api/` }),
    timeout,
    retryConfig: { retries: 1, minTimeout: 500 },
    rejectRateLimitedCalls: true,
    logger: SILENT,
  };
}

/** The warning is the only message about an error. */
const SILENT: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => 'error' as ReturnType<Logger['getLevel']>,
  setName: () => undefined,
};

function problemOf(error: unknown): string {
  const code = (error as { data?: { error?: string } }).data?.error;
  if (code) return `Slack answered ${code}${ADVICE[code] ? `; ${ADVICE[code]}` : ''}`;
  const { message } = error as Error;
  return message.split('\n')[0] ?? message;
}
