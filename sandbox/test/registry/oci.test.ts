import { type Listening, listen } from '../../http';
import { findImage, handleRegistry, pushImage } from '../../registry/oci';
import { parseReference } from '../../registry/reference';
import { World } from '../../world';

const world = World.inMemory();
let api: Listening;

beforeAll(async () => {
  pushImage(world, 'ghcr.io/team/web:abc1234', ['amd64', 'arm64']);
  pushImage(world, 'ghcr.io/team/web:def5678', ['arm64']);
  pushImage(world, 'postgres:18', ['amd64']);
  api = await listen(0, [(request, response) => handleRegistry(world, request, response)]);
});
afterAll(() => api.close());

const get = (path: string, method = 'GET') => fetch(`${api.baseUrl}/v2/${path}`, { method });

test('the index of a tag names the platforms it was built for', async () => {
  const response = await get('ghcr.io/team/web/manifests/abc1234');
  expect(response.headers.get('content-type')).toBe('application/vnd.oci.image.index.v1+json');
  const index = (await response.json()) as { manifests: { platform: unknown }[] };
  expect(index.manifests.map(({ platform }) => platform)).toEqual([
    { architecture: 'amd64', os: 'linux' },
    { architecture: 'arm64', os: 'linux' },
  ]);
});

test('everything an image consists of is found by its digest, down to the date it was built', async () => {
  const index = (await (await get('ghcr.io/team/web/manifests/def5678')).json()) as { manifests: { digest: string }[] };
  const manifest = await get(`ghcr.io/team/web/manifests/${index.manifests[0]?.digest}`);
  expect(manifest.headers.get('docker-content-digest')).toBe(index.manifests[0]?.digest);
  const { config } = (await manifest.json()) as { config: { digest: string } };
  const blob = (await (await get(`ghcr.io/team/web/blobs/${config.digest}`)).json()) as object;
  expect(blob).toMatchObject({ architecture: 'arm64', created: '2026-01-05T02:00:00Z' });
});

test('HEAD tells the digest without a body, and the index is found by it', async () => {
  const head = await get('ghcr.io/team/web/manifests/abc1234', 'HEAD');
  expect(await head.text()).toBe('');
  const digest = head.headers.get('docker-content-digest');
  expect(findImage(world, `ghcr.io/team/web@${digest}`)).toMatchObject({ digest, architectures: ['amd64', 'arm64'] });
  expect((await get(`ghcr.io/team/web/manifests/${digest}`)).status).toBe(200);
});

test('tags are listed, with the host in the name or in ns', async () => {
  const expected = { name: 'ghcr.io/team/web', tags: ['abc1234', 'def5678'] };
  expect(await (await get('ghcr.io/team/web/tags/list')).json()).toEqual(expected);
  expect(await (await get('team/web/tags/list?ns=ghcr.io')).json()).toEqual(expected);
});

test('what was never pushed is unknown in the words of the distribution API', async () => {
  expect((await fetch(`${api.baseUrl}/v2/`)).status).toBe(200);
  const cases = {
    'ghcr.io/team/web/manifests/0000000': 'MANIFEST_UNKNOWN',
    'ghcr.io/team/api/tags/list': 'NAME_UNKNOWN',
  };
  for (const [path, code] of Object.entries(cases)) {
    const response = await get(path);
    expect([response.status, ((await response.json()) as { errors: { code: string }[] }).errors[0]?.code]).toEqual([
      404,
      code,
    ]);
  }
  expect((await get('ghcr.io/team/web/blobs/x', 'PUT')).status).toBe(405);
});

test('another tag comes to name an image that is here, and nothing else is taken', async () => {
  const index = await get('ghcr.io/team/web/manifests/abc1234');
  const digest = index.headers.get('docker-content-digest');
  const put = async (body: string) =>
    fetch(`${api.baseUrl}/v2/ghcr.io/team/web/manifests/deployed-prod`, { method: 'PUT', body });
  expect((await put('{}')).status).toBe(404);
  expect((await put(await index.text())).status).toBe(201);
  const tagged = await get('ghcr.io/team/web/manifests/deployed-prod');
  expect(tagged.headers.get('docker-content-digest')).toBe(digest);
  expect(findImage(world, 'ghcr.io/team/web:deployed-prod')).toMatchObject({ digest });
});

test('a registry that holds nothing is unknown; one that holds something refuses what it lacks', () => {
  expect(findImage(world, 'quay.io/argoproj/argocd:v3')).toBe('unknown-registry');
  expect(findImage(world, 'ghcr.io/other/web:v1')).toBe('unknown-registry');
  expect(findImage(world, 'ghcr.io/team/web:missing')).toBeUndefined();
  expect(findImage(world, 'docker.io/library/postgres:18')).toMatchObject({ architectures: ['amd64'] });
});

test('a tag pushed again names the new image', () => {
  const before = pushImage(world, 'ghcr.io/team/job:v1', ['amd64']);
  const after = pushImage(world, 'ghcr.io/team/job:v1', ['arm64']);
  expect(after.digest).not.toBe(before.digest);
  expect(findImage(world, 'ghcr.io/team/job:v1')).toEqual(after);
});

test.each([
  ['postgres', 'docker.io/library/postgres', 'latest'],
  ['team/web:1.2', 'docker.io/team/web', '1.2'],
  ['localhost:5000/web', 'localhost:5000/web', 'latest'],
  ['asia-east1-docker.pkg.dev/p/r/web:abc', 'asia-east1-docker.pkg.dev/p/r/web', 'abc'],
])('%s names %s with tag %s', (text, repository, tag) => {
  expect(parseReference(text)).toMatchObject({ repository, tag });
});

test.each(['', 'Team/web', 'ghcr.io//web', 'web:'])('"%s" is no image reference', (text) => {
  expect(() => parseReference(text)).toThrow(`invalid image reference "${text}"`);
});
