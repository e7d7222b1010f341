import { auth, secretmanager } from '@googleapis/secretmanager';
import { secret } from '../../../google/iam/service-accounts';
import { handleSecretManager } from '../../../google/rest/secret-manager';
import { type Listening, listen } from '../../../http';
import { World } from '../../../world';

const world = World.inMemory();
let api: Listening;
let secrets: ReturnType<typeof secretmanager>['projects']['secrets'];

beforeAll(async () => {
  api = await listen(0, [(request, response) => handleSecretManager(world, request, response)]);
  const credentials = new auth.OAuth2();
  credentials.setCredentials({ access_token: 'false' });
  secrets = secretmanager({ version: 'v1', auth: credentials, rootUrl: `${api.baseUrl}/`, fetchImplementation: fetch })
    .projects.secrets;
  await secret.create(
    { secret_id: 'password', labels: { app: 'web' } },
    { world, provider: { project: 'p' }, home: '' },
  );
});
afterAll(() => api.close());

const name = 'projects/p/secrets/password';
const encode = (text: string) => Buffer.from(text).toString('base64');
const add = (parent: string, text: string) =>
  secrets.addVersion({ parent, requestBody: { payload: { data: encode(text) } } });

test('a secret that terraform has created is empty until a version is added', async () => {
  await expect(secrets.versions.access({ name: `${name}/versions/latest` })).rejects.toMatchObject({
    status: 404,
    message: `Secret Version [${name}/versions/latest] not found.`,
  });
  expect((await secrets.versions.list({ parent: name })).data.versions).toEqual([]);
});

test('the latest version is the one added last, and earlier ones stay', async () => {
  expect((await add(name, 'first')).data).toMatchObject({ name: `${name}/versions/1`, state: 'ENABLED' });
  await add(name, 'second ✓');
  const read = async (version: string) =>
    (await secrets.versions.access({ name: `${name}/versions/${version}` })).data.payload?.data;
  expect(await read('latest')).toBe(encode('second ✓'));
  expect(await read('1')).toBe(encode('first'));
  expect((await secrets.versions.list({ parent: name, filter: 'state:ENABLED' })).data.versions).toMatchObject([
    { name: `${name}/versions/2` },
    { name: `${name}/versions/1` },
  ]);
  expect(world.data.secretVersions[name]).toEqual([encode('first'), encode('second ✓')]);
});

test('an empty value, a secret that is not there and an unknown filter are refused', async () => {
  await expect(add(name, '')).rejects.toMatchObject({ status: 400, message: 'Secret Payload cannot be empty.' });
  await expect(add(name, 'x'.repeat(65_537))).rejects.toMatchObject({
    status: 400,
    message: 'Secret Payload of 65537 bytes exceeds the maximum of 65536 bytes.',
  });
  await expect(add('projects/p/secrets/none', 'x')).rejects.toMatchObject({
    status: 404,
    message: 'Secret [projects/p/secrets/none] not found.',
  });
  await expect(secrets.list({ parent: 'projects/p', filter: 'name:x' })).rejects.toMatchObject({ status: 400 });
});

test('secrets are created once, listed by project and shown with their labels', async () => {
  const make = () => secrets.create({ parent: 'projects/p', secretId: 'made', requestBody: { labels: { by: 'api' } } });
  await make();
  await expect(make()).rejects.toMatchObject({ status: 409 });
  expect((await secrets.get({ name })).data).toMatchObject({ name, createTime: '2026-01-05T02:00:00Z' });
  const { data } = await secrets.list({ parent: 'projects/p' });
  expect(data.secrets?.map((each) => each.name)).toEqual([name, 'projects/p/secrets/made']);
  expect((await secrets.list({ parent: 'projects/other' })).data.secrets).toEqual([]);
});

test('a call without a credential is refused', async () => {
  expect((await fetch(`${api.baseUrl}/v1/${name}`)).status).toBe(401);
});
