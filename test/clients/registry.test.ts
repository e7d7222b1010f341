import { RegistryClient } from '../../clients/registry';
import { TestRegistry } from '../helpers/registry';

const registry = new TestRegistry();
const waits: number[] = [];
const clientFor = (credentials?: { username: string; password: string }) =>
  new RegistryClient({
    endpoint: registry.endpoint,
    credentials: async () => credentials,
    sleep: async (seconds) => {
      waits.push(seconds);
    },
  });

beforeAll(() => registry.open());
afterAll(() => registry.close());
beforeEach(() => {
  registry.account = undefined;
  registry.requests.length = 0;
  waits.length = 0;
});

test('an index says which platforms it was built for, without its attestations', async () => {
  const digest = registry.pushIndex('team/web', 'abc1234', ['linux/amd64', 'linux/arm64']);
  expect(await clientFor().find('ghcr.io/team/web', 'abc1234')).toMatchObject({
    digest,
    platforms: ['linux/amd64', 'linux/arm64'],
  });
});

test('a single manifest says it by its configuration', async () => {
  registry.pushManifest('team/web', 'def5678', 'linux/arm64');
  expect((await clientFor().find('ghcr.io/team/web', 'def5678'))?.platforms).toEqual(['linux/arm64']);
});

test('a tag that was never pushed is undefined, not an error', async () => {
  expect(await clientFor().find('ghcr.io/team/web', '0000000')).toBeUndefined();
});

test('a challenge is answered with a token for this repository, which is used again', async () => {
  registry.pushIndex('team/web', 'abc1234', ['linux/amd64']);
  registry.account = { username: 'ci', password: 'open: sesame' };
  const client = clientFor(registry.account);
  await client.find('ghcr.io/team/web', 'abc1234');
  await client.find('ghcr.io/team/web', 'abc1234');
  expect(registry.requests).toEqual([
    'GET /v2/team/web/manifests/abc1234',
    'GET /token',
    'GET /v2/team/web/manifests/abc1234',
    'GET /v2/team/web/manifests/abc1234',
  ]);
});

test.each([
  ['no account', undefined],
  ['a wrong password', { username: 'ci', password: 'guess' }],
])('%s is refused with what to do', async (_, credentials) => {
  registry.account = { username: 'ci', password: 'right' };
  await expect(clientFor(credentials).find('ghcr.io/team/web', 'abc1234')).rejects.toThrow(
    'registry ghcr.io refused GET ghcr.io/team/web/manifests/abc1234: 401 Unauthorized; run docker login ghcr.io with an account that may pull',
  );
});

test('a rate limit is waited for as long as Retry-After says, as a number or as a date', async () => {
  registry.pushIndex('team/web', 'abc1234', ['linux/amd64']);
  registry.refusals.push(
    { status: 429, headers: { 'retry-after': '7' } },
    {
      status: 429,
      headers: { date: 'Wed, 21 Oct 2026 07:28:00 GMT', 'retry-after': 'Wed, 21 Oct 2026 07:28:30 GMT' },
    },
    { status: 503 },
  );
  expect(await clientFor().find('docker.io/team/web', 'abc1234')).toBeDefined();
  expect(waits).toEqual([7, 30, 8]);
});

test('a registry that stays busy is given up after five attempts', async () => {
  registry.refusals.push(...Array.from({ length: 5 }, () => ({ status: 429, headers: { 'retry-after': '3600' } })));
  await expect(clientFor().find('docker.io/team/web', 'abc1234')).rejects.toThrow(
    'registry docker.io refused GET docker.io/team/web/manifests/abc1234: 429 Too Many Requests; wait, or log in: registries limit anonymous requests more',
  );
  expect(waits).toEqual([60, 60, 60, 60]);
});

test('another tag comes to name the same image, byte for byte', async () => {
  const digest = registry.pushIndex('team/web', 'abc1234', ['linux/amd64']);
  registry.account = { username: 'ci', password: 'right' };
  const client = clientFor(registry.account);
  const image = await client.find('ghcr.io/team/web', 'abc1234');
  if (!image) throw new Error('not pushed');
  await client.tag('ghcr.io/team/web', image, 'deployed-prod');
  expect((await client.find('ghcr.io/team/web', 'deployed-prod'))?.digest).toBe(digest);
});

test('names a registry that cannot be reached', async () => {
  const client = new RegistryClient({ endpoint: 'http://127.0.0.1:9/' });
  await expect(client.find('ghcr.io/team/web', 'abc1234')).rejects.toThrow(/^could not reach registry ghcr\.io: /);
});
