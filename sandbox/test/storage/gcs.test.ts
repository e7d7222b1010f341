import { type Listening, listen } from '../../http';
import { createBucket, stateObject } from '../../storage/bucket';
import { handleStorage } from '../../storage/gcs';
import { World } from '../../world';

const world = World.inMemory();
let api: Listening;

beforeAll(async () => {
  createBucket(world, 'states');
  api = await listen(0, [(request, response) => handleStorage(world, request, response)]);
});
afterAll(() => api.close());

const objects = (path = '') => `${api.baseUrl}/storage/v1/b/states/o${path}`;

function upload(name: string, content: string, query = '', bucket = 'states'): Promise<Response> {
  const parts = [
    '--edge\r\ncontent-type: application/json\r\n\r\n{"contentType":"application/json"}',
    `--edge\r\ncontent-type: text/plain\r\n\r\n${content}`,
    '--edge--\r\n',
  ];
  return fetch(`${api.baseUrl}/upload/storage/v1/b/${bucket}/o?uploadType=multipart&name=${name}${query}`, {
    method: 'POST',
    headers: { 'content-type': 'multipart/related; boundary=edge' },
    body: parts.join('\r\n'),
  });
}

async function refusal(response: Response): Promise<[number, string, string]> {
  const { error } = (await response.json()) as { error: { message: string; errors: { reason: string }[] } };
  return [response.status, error.errors[0]?.reason ?? '', error.message];
}

test('what is uploaded in parts is read back byte for byte, line ends and boundaries included', async () => {
  const content = '{"a":1}\r\n--edg\r\n';
  const written = (await (await upload('bytes', content)).json()) as { generation: string; size: string };
  const read = await fetch(`${api.baseUrl}/states/bytes`);
  expect(await read.text()).toBe(content);
  expect(read.headers.get('x-goog-generation')).toBe(written.generation);
  expect(read.headers.get('content-type')).toBe('application/json');
  expect(written.size).toBe(String(content.length));
  expect(await (await fetch(objects('/bytes?alt=media'))).text()).toBe(content);
});

test('every write has a new generation and the digest of its content', async () => {
  const first = (await (await upload('again', '1')).json()) as { generation: string; md5Hash: string };
  const second = (await (await upload('again', '2')).json()) as { generation: string; md5Hash: string };
  expect(second.generation).not.toBe(first.generation);
  expect(first.md5Hash).toBe('xMpCOKC5I4INzFCab3WEmw==');
  expect(second.md5Hash).not.toBe(first.md5Hash);
});

test('a lock that is held is not taken again, and only its own generation frees it', async () => {
  const held = (await (await upload('p/default.tflock', '{}', '&ifGenerationMatch=0')).json()) as {
    generation: string;
  };
  expect(await refusal(await upload('p/default.tflock', '{}', '&ifGenerationMatch=0'))).toEqual([
    412,
    'conditionNotMet',
    'At least one of the pre-conditions you specified did not hold.',
  ]);
  const lock = objects('/p%2Fdefault.tflock');
  expect((await fetch(`${lock}?ifGenerationMatch=7`, { method: 'DELETE' })).status).toBe(412);
  expect((await fetch(`${lock}?ifGenerationMatch=${held.generation}`, { method: 'DELETE' })).status).toBe(204);
  expect((await fetch(lock)).status).toBe(404);
});

test('a precondition the sandbox does not know is refused, not ignored', async () => {
  expect(await refusal(await upload('x', '1', '&ifMetagenerationMatch=1'))).toEqual([
    501,
    'notImplemented',
    'the sandbox knows the precondition ifGenerationMatch, got ifMetagenerationMatch',
  ]);
});

test('a bucket that does not exist is refused in the words of Cloud Storage by every call', async () => {
  const missing = [404, 'notFound', 'The specified bucket does not exist.'];
  expect(await refusal(await fetch(`${api.baseUrl}/storage/v1/b/nowhere/o`))).toEqual(missing);
  expect(await refusal(await fetch(`${api.baseUrl}/storage/v1/b/nowhere`))).toEqual(missing);
  expect(await refusal(await upload('x', '1', '', 'nowhere'))).toEqual(missing);
  const xml = await fetch(`${api.baseUrl}/nowhere/x`);
  expect([xml.status, await xml.text()]).toEqual([404, expect.stringContaining('NoSuchBucket')]);
});

test('an object that does not exist is a 404 that names it', async () => {
  expect(await refusal(await fetch(objects('/none')))).toEqual([404, 'notFound', 'No such object: states/none']);
  expect(await refusal(await fetch(objects('/none'), { method: 'DELETE' }))).toEqual([
    404,
    'notFound',
    'No such object: states/none',
  ]);
  expect((await fetch(`${api.baseUrl}/states/none`)).status).toBe(404);
});

test('a listing stops at the delimiter and shows what follows it as prefixes', async () => {
  for (const name of ['env/a/default.tfstate', 'env/b/default.tfstate', 'env/top.tfstate']) await upload(name, '{}');
  const list = (await (await fetch(objects('?prefix=env/&delimiter=/'))).json()) as {
    items: { name: string }[];
    prefixes: string[];
  };
  expect(list.items.map((item) => item.name)).toEqual(['env/top.tfstate']);
  expect(list.prefixes).toEqual(['env/a/', 'env/b/']);
});

test('a large object comes in chunks, and exists only when the last one has come', async () => {
  const start = await fetch(
    `${api.baseUrl}/upload/storage/v1/b/states/o?uploadType=resumable&name=big&ifGenerationMatch=0`,
    { method: 'POST', body: '{"contentType":"application/json"}' },
  );
  const session = start.headers.get('location') ?? '';
  const headers = { 'x-guploader-no-308': 'yes', 'content-range': 'bytes 0-3/*' };
  const first = await fetch(session, { method: 'PUT', headers, body: 'abcd' });
  expect([first.status, first.headers.get('x-http-status-code-override'), first.headers.get('range')]).toEqual([
    200,
    '308',
    'bytes=0-3',
  ]);
  expect((await fetch(objects('/big'))).status).toBe(404);
  await fetch(session, { method: 'PUT', headers: { 'content-range': 'bytes 4-5/6' }, body: 'ef' });
  expect(await (await fetch(`${api.baseUrl}/states/big`)).text()).toBe('abcdef');
});

test('a bucket is created once', async () => {
  const make = (name: string) =>
    fetch(`${api.baseUrl}/storage/v1/b?project=p`, { method: 'POST', body: JSON.stringify({ name }) });
  expect((await make('fresh-bucket')).status).toBe(200);
  expect((await refusal(await make('fresh-bucket'))).slice(0, 2)).toEqual([409, 'conflict']);
  expect((await refusal(await make('Bad_')))[2]).toBe("Invalid bucket name: 'Bad_'");
  const { items } = (await (await fetch(`${api.baseUrl}/storage/v1/b?project=p`)).json()) as {
    items: { id: string }[];
  };
  expect(items.map(({ id }) => id)).toEqual(['states', 'fresh-bucket']);
});

test('a test reads the state under a prefix, and nothing where there is none', async () => {
  await upload('layer/state/default.tfstate', '{"serial":3}');
  expect(stateObject(world, 'states', 'layer/state')).toEqual({ serial: 3 });
  expect(stateObject(world, 'states', 'other')).toBeUndefined();
});

test('what is not an object is left to others', async () => {
  expect((await fetch(`${api.baseUrl}/clock`)).status).toBe(404);
});
