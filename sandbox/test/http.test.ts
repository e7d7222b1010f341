import { type Listening, listen, onlyWith, send, urlOf } from '../http';

const TOKEN = 'a'.repeat(48);

let api: Listening;

beforeAll(async () => {
  api = await listen(0, [
    onlyWith(TOKEN),
    async (request, response) => {
      const { pathname, search } = urlOf(request);
      send(response, 200, {}, `${pathname}${search}`);
      return true;
    },
  ]);
});
afterAll(() => api.close());

/** Asks with headers that fetch would not send. */
async function ask(path: string, headers: Record<string, string> = {}): Promise<{ status: number; text: string }> {
  const { request } = await import('node:http');
  return new Promise((resolve, reject) => {
    request(`${api.baseUrl}${path}`, { headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    })
      .on('error', reject)
      .end();
  });
}

test.each([
  ['first in the path', `/${TOKEN}/clock?x=1`, {}, '/clock?x=1'],
  ['alone in the path', `/${TOKEN}`, {}, '/'],
  ['as a bearer token', '/clock', { authorization: `Bearer sandbox-${TOKEN}` }, '/clock'],
  ['through a tunnel to another port', `/${TOKEN}/clock`, { host: 'localhost:16443' }, '/clock'],
])('a caller with the token %s is answered', async (_, path, headers, text) => {
  expect(await ask(path, headers as Record<string, string>)).toEqual({ status: 200, text });
});

test.each([
  ['without a token', '/clock', {}],
  ['with a part of the token', `/${TOKEN.slice(1)}/clock`, {}],
  ['with another bearer token', '/clock', { authorization: `Bearer ${'b'.repeat(48)}` }],
  ['with an empty bearer token', '/clock', { authorization: 'Bearer ' }],
])('a caller %s is refused', async (_, path, headers) => {
  const { status, text } = await ask(path, headers as Record<string, string>);
  expect(status).toBe(401);
  expect(JSON.parse(text).error.message).toBe(
    'the sandbox answers only its own commands: the URL in STRATA_SANDBOX has the token that is missing here',
  );
});

test.each([
  ['of a web page', { origin: 'https://example.com' }],
  ['of a page that was opened from a file', { origin: 'null' }],
  ['to a name that leads here', { host: 'rebound.example.com' }],
])('a request %s is refused even with the token', async (_, headers) => {
  const { status, text } = await ask(`/${TOKEN}/clock`, headers as Record<string, string>);
  expect(status).toBe(403);
  expect(JSON.parse(text).error.message).toBe(
    'the sandbox answers no browser: requests with an Origin, or to another host than 127.0.0.1, are refused',
  );
});
