import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody, sendJson, urlOf } from '../http';
import type { SlackMessage, World } from '../world';

/** The longest text that Slack keeps, in characters. @see https://docs.slack.dev/reference/methods/chat.postMessage */
const LONGEST = 40_000;

/** Makes a channel that the bot is a member of. One that exists keeps its messages. */
export function createChannel(world: World, channel: string): void {
  channelsOf(world)[channel] ??= [];
  world.changed();
}

/** The messages of a channel, oldest first. */
export function messagesIn(world: World, channel: string): readonly SlackMessage[] {
  return channelsOf(world)[channel] ?? [];
}

/** Begins to watch all channels. @returns lists what was posted since, each with the first line of its text */
export function watchMessages(world: World): () => { channel: string; line: string }[] {
  const before = Object.entries(channelsOf(world)).map(([channel, messages]) => [channel, messages.length] as const);
  const seen = new Map(before);
  return () =>
    Object.entries(channelsOf(world)).flatMap(([channel, messages]) =>
      messages.slice(seen.get(channel) ?? 0).map(({ text }) => ({ channel, line: plain(text.split('\n')[0] ?? '') })),
    );
}

/** Text without Slack's escapes. @see https://docs.slack.dev/messaging/formatting-message-text/#escaping */
function plain(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/**
 * The part of Slack's Web API that our commands call, and `GET /slack` with the messages of all channels, which is the
 * sandbox's own. As Slack does, it answers 200 to whatever it refuses.
 *
 * @param token - the only one that it accepts
 */
export async function handleSlack(
  world: World,
  token: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const { pathname } = urlOf(request);
  if (pathname === '/slack' && request.method === 'GET') {
    sendJson(response, channelsOf(world));
    return true;
  }
  const method = /^\/api\/([a-z]+\.[A-Za-z]+)$/.exec(pathname)?.[1];
  if (!method) return false;
  const fields = new URLSearchParams((await readBody(request)).toString());
  const given = request.headers.authorization?.replace(/^Bearer /, '') ?? fields.get('token');
  if (given !== token) sendJson(response, { ok: false, error: given ? 'invalid_auth' : 'not_authed' });
  else if (method !== 'chat.postMessage') sendJson(response, { ok: false, error: 'unknown_method' });
  else sendJson(response, post(world, fields));
  return true;
}

function post(world: World, fields: URLSearchParams): object {
  const channel = fields.get('channel') ?? '';
  const text = fields.get('text') ?? '';
  const messages = channelsOf(world)[channel];
  if (!messages) return { ok: false, error: 'channel_not_found' };
  if (text === '') return { ok: false, error: 'no_text' };
  if (text.length > LONGEST) return { ok: false, error: 'msg_too_long' };
  messages.push({ at: world.clock.iso(), text });
  world.changed();
  return {
    ok: true,
    channel,
    ts: `${Math.floor(world.clock.now() / 1000)}.${String(messages.length).padStart(6, '0')}`,
  };
}

/** A world that was kept before there was Slack has none. */
function channelsOf(world: World): Record<string, SlackMessage[]> {
  world.data.slack ??= {};
  return world.data.slack;
}
