import { type Listening, listen } from '../../http';
import { createChannel, handleSlack, messagesIn, watchMessages } from '../../slack/slack';
import { World } from '../../world';

const TOKEN = 'token-of-the-bot';
const world = World.inMemory('2026-01-05T02:00:00Z');
let slack: Listening;

beforeAll(async () => {
  createChannel(world, '#builds');
  slack = await listen(0, [(request, response) => handleSlack(world, TOKEN, request, response)]);
});
afterAll(() => slack.close());

async function call(method: string, fields: Record<string, string>, token: string | undefined = TOKEN) {
  const response = await fetch(`${slack.baseUrl}/api/${method}`, {
    method: 'POST',
    headers: token === '' ? {} : { authorization: `Bearer ${token}` },
    body: new URLSearchParams(fields),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as object;
}

test('a message is kept in its channel, and listed', async () => {
  expect(await call('chat.postMessage', { channel: '#builds', text: 'one' })).toMatchObject({ ok: true });
  const message = { at: '2026-01-05T02:00:00Z', text: 'one' };
  expect(messagesIn(world, '#builds')).toEqual([message]);
  const listed = await fetch(`${slack.baseUrl}/slack`);
  expect(await listed.json()).toEqual({ '#builds': [message] });
});

test('a token in the form is a token too', async () => {
  expect(await call('chat.postMessage', { channel: '#builds', text: 'two', token: TOKEN }, '')).toMatchObject({
    ok: true,
  });
});

test('what is posted while somebody watches is listed by its first line', async () => {
  const posted = watchMessages(world);
  expect(posted()).toEqual([]);
  await call('chat.postMessage', { channel: '#builds', text: 'a -&gt; b &amp;amp;\nmore' });
  expect(posted()).toEqual([{ channel: '#builds', line: 'a -> b &amp;' }]);
});

test.each([
  ['not_authed', 'chat.postMessage', { channel: '#builds', text: 'x' }, ''],
  ['invalid_auth', 'chat.postMessage', { channel: '#builds', text: 'x' }, 'another'],
  ['channel_not_found', 'chat.postMessage', { channel: '#other', text: 'x' }, TOKEN],
  ['no_text', 'chat.postMessage', { channel: '#builds' }, TOKEN],
  ['msg_too_long', 'chat.postMessage', { channel: '#builds', text: 'x'.repeat(40_001) }, TOKEN],
  ['unknown_method', 'chat.postMessages', { channel: '#builds', text: 'x' }, TOKEN],
])('refuses as Slack does: %s', async (error, method, fields, token) => {
  const before = messagesIn(world, '#builds').length;
  expect(await call(method, fields as Record<string, string>, token)).toEqual({ ok: false, error });
  expect(messagesIn(world, '#builds')).toHaveLength(before);
});

test('a channel that exists keeps its messages', () => {
  const before = messagesIn(world, '#builds').length;
  createChannel(world, '#builds');
  expect(messagesIn(world, '#builds')).toHaveLength(before);
});
