import fc from 'fast-check';
import { type Notice, textOf } from '../../../delivery/notify/notice';
import { notify } from '../../../delivery/notify/slack';
import { type Handler, type Listening, listen, readBody, send, sendJson } from '../../../sandbox/http';
import { createChannel, handleSlack, messagesIn } from '../../../sandbox/slack/slack';
import { World } from '../../../sandbox/world';

const TOKEN = 'xoxb-secret-of-the-bot';
const platform = { slack: { channel: '#builds' } };
const notice: Notice = {
  stage: 'deployment',
  state: 'failed',
  service: 'todo-api',
  version: 'abc1234',
  environment: 'prod',
  duration: 192.4,
  links: { run: 'https://github.com/o/r/actions/runs/1?a=1&b=2', commit: 'https://github.com/o/r/commit/abc1234' },
  error: 'pod <todo-api> is not ready',
};

test('a message says service, version, stage, state, duration, links and error', () => {
  expect(textOf(notice)).toBe(
    '*todo-api* `abc1234`: deployment to prod failed after 3 min 12 s\n' +
      '<https://github.com/o/r/actions/runs/1?a=1&amp;b=2|run> · <https://github.com/o/r/commit/abc1234|commit>\n' +
      '```\npod &lt;todo-api&gt; is not ready\n```',
  );
});

test.each<[Partial<Notice>, string]>([
  [{ stage: 'build', state: 'started', environment: undefined }, '*todo-api* `abc1234`: build started'],
  [
    { stage: 'build', state: 'succeeded', environment: undefined, duration: 59 },
    '*todo-api* `abc1234`: build succeeded after 59 s',
  ],
  [{ state: 'started' }, '*todo-api* `abc1234`: deployment to prod started'],
  [{ state: 'succeeded', duration: 60 }, '*todo-api* `abc1234`: deployment to prod succeeded after 1 min 0 s'],
])('a message of %j is one line', (change, text) => {
  const { duration: _, links: __, error: ___, ...rest } = notice;
  expect(textOf({ ...rest, ...change })).toBe(text);
});

test('of a long error the end is posted, and no error leaves its block or mentions anybody', () => {
  const text = textOf({ ...notice, error: `${'x'.repeat(5000)}\`\`\`<!channel>` });
  expect(text.length).toBeLessThan(2500);
  expect(text).toContain("'''&lt;!channel&gt;\n```");
  fc.assert(
    fc.property(fc.string(), (error) => {
      expect(textOf({ ...notice, links: {}, error })).not.toMatch(/<[!@#]/);
    }),
  );
});

let server: Listening | undefined;
afterEach(() => server?.close());

/** Posts to a Slack that answers as told. */
async function posted(slack: Handler, timeout?: number) {
  server = await listen(0, [slack]);
  const warnings: string[] = [];
  const sent = await notify(platform, notice, {
    env: { SLACK_BOT_TOKEN: TOKEN, STRATA_SLACK_ENDPOINT: server.baseUrl },
    warn: (line) => warnings.push(line),
    timeout,
  });
  return { sent, warnings };
}

test('Slack has the message in the channel of the platform', async () => {
  const world = World.inMemory();
  createChannel(world, '#builds');
  const { sent, warnings } = await posted((...call) => handleSlack(world, TOKEN, ...call));
  expect({ sent, warnings }).toEqual({ sent: true, warnings: [] });
  expect(messagesIn(world, '#builds')).toEqual([{ at: '2026-01-05T02:00:00Z', text: textOf(notice) }]);
});

const answers =
  (body: object, status = 200): Handler =>
  async (request, response) => {
    await readBody(request);
    sendJson(response, body, status);
    return true;
  };

test.each<[string, Handler, RegExp]>([
  [
    'does not know the token',
    (...call) => handleSlack(World.inMemory(), 'xoxb-another', ...call),
    /^warning: #builds was not notified: Slack answered invalid_auth; set SLACK_BOT_TOKEN to the token of the bot$/,
  ],
  [
    'has no such channel',
    (...call) => handleSlack(World.inMemory(), TOKEN, ...call),
    /^warning: #builds was not notified: Slack answered channel_not_found; create the channel, and invite the bot if it is private$/,
  ],
  ['answers 500', answers({}, 500), /^warning: #builds was not notified: .*500/],
  [
    'answers what is no JSON',
    async (_, response) => {
      send(response, 200, {}, '<html>');
      return true;
    },
    /^warning: #builds was not notified: ./,
  ],
  [
    'repeats the token',
    answers({ ok: false, error: `bad ${TOKEN}` }),
    /^warning: #builds was not notified: Slack answered bad \*\*\*$/,
  ],
  [
    'hangs up',
    async (_, response) => {
      response.destroy();
      return true;
    },
    /^warning: #builds was not notified: ./,
  ],
])('a Slack that %s is one line of warning', async (_, slack, line) => {
  const { sent, warnings } = await posted(slack);
  expect(sent).toBe(false);
  expect(warnings).toEqual([expect.stringMatching(line)]);
  expect(String(warnings)).not.toContain(TOKEN);
});

test('a Slack that does not answer is one line of warning', async () => {
  const { sent, warnings } = await posted(() => new Promise(() => undefined), 50);
  expect(sent).toBe(false);
  expect(warnings).toEqual([expect.stringMatching(/^warning: #builds was not notified: ./)]);
});

test('a Slack that is limiting calls is not waited for', async () => {
  const limiting: Handler = async (request, response) => {
    await readBody(request);
    send(response, 429, { 'retry-after': '3600' }, '');
    return true;
  };
  const { sent, warnings } = await posted(limiting);
  expect(sent).toBe(false);
  expect(warnings).toHaveLength(1);
});

test('without a token there is one line of warning, and without a channel nothing', async () => {
  const warnings: string[] = [];
  const warn = (line: string) => warnings.push(line);
  expect(await notify(platform, notice, { env: {}, warn })).toBe(false);
  expect(warnings).toEqual(['warning: #builds was not notified: SLACK_BOT_TOKEN is not set']);
  expect(await notify({}, notice, { env: {}, warn })).toBe(false);
  expect(warnings).toHaveLength(1);
});
