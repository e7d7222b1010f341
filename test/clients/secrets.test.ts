import { auth, secretmanager } from '@googleapis/secretmanager';
import { SecretStore } from '../../clients/secrets';
import { handleSecretManager } from '../../sandbox/google/rest/secret-manager';
import { type Listening, listen } from '../../sandbox/http';
import { World } from '../../sandbox/world';

const world = World.inMemory();
let api: Listening;
let made: SecretStore;
let given: SecretStore;

beforeAll(async () => {
  api = await listen(0, [(request, response) => handleSecretManager(world, request, response)]);
  const credentials = new auth.OAuth2();
  credentials.setCredentials({ access_token: 'false' });
  const rootUrl = `${api.baseUrl}/`;
  const secrets = secretmanager({ version: 'v1', auth: credentials, rootUrl, fetchImplementation: fetch });
  const clients = { secrets };
  made = new SecretStore(clients, 'p', { platform: 'shop', environment: 'dev', component: 'secrets' });
  given = new SecretStore(clients, 'p');
});
afterAll(() => api.close());

const values = (name: string) =>
  world.data.secretVersions[`projects/p/secrets/${name}`]?.map((value) => Buffer.from(value, 'base64').toString());

test('creates a missing secret with its labels where no layer does, and reuses it', async () => {
  expect(await made.list(['shop-dev-password'])).toEqual([{ name: 'shop-dev-password', state: 'missing' }]);
  expect(await made.preview('shop-dev-password', 'four')).toBe(
    'would create secret shop-dev-password in project p and add a version of 4 characters to shop-dev-password',
  );
  expect(values('shop-dev-password')).toBeUndefined();

  await made.set('shop-dev-password', 'four');
  await made.set('shop-dev-password', 'later');
  expect(values('shop-dev-password')).toEqual(['four', 'later']);
  expect(world.get('google_secret_manager_secret', 'projects/p/secrets/shop-dev-password')?.values).toMatchObject({
    labels: { platform: 'shop', environment: 'dev', component: 'secrets' },
  });
  expect(await made.preview('shop-dev-password', 'four')).toBe(
    'would add a version of 4 characters to shop-dev-password',
  );
  expect(await made.list(['shop-dev-password'])).toEqual([{ name: 'shop-dev-password', state: 'set' }]);
});

test('two clients that create the same secret at once both succeed', async () => {
  await Promise.all([made.set('shop-dev-both', 'one'), made.set('shop-dev-both', 'other')]);
  expect(values('shop-dev-both')?.sort()).toEqual(['one', 'other']);
});

test('refuses a missing secret where layer 00-vpc creates it', async () => {
  const refusal = 'secret shop-prod-password does not exist in project p; deploy layer 00-vpc, which creates it';
  await expect(given.set('shop-prod-password', 'x')).rejects.toThrow(refusal);
  await expect(given.preview('shop-prod-password', 'x')).rejects.toThrow(refusal);
  expect(values('shop-prod-password')).toBeUndefined();
});

test('refuses an empty value, also in a dry run', async () => {
  const refusal = {
    message: 'secret shop-dev-password: the value is empty; pass it on standard input',
    exitCode: 2,
  };
  await expect(made.set('shop-dev-password', '')).rejects.toMatchObject(refusal);
  await expect(made.preview('shop-dev-password', '')).rejects.toMatchObject(refusal);
});

describe('when Secret Manager refuses', () => {
  const refusal = (status: number) => async () => {
    throw Object.assign(new Error(`status ${status}`), { status });
  };
  const storeWith = (secrets: Record<string, unknown>, labels?: Record<string, string>) =>
    new SecretStore({ secrets: { projects: { secrets } } as never }, 'p', labels);

  test.each([401, 403, 429, 503])('with %d, the secret does not count as missing', async (status) => {
    const store = storeWith({ addVersion: refusal(status), versions: { list: refusal(status) } });
    await expect(store.list(['a'])).rejects.toThrow(`status ${status}`);
    await expect(store.set('a', 'x')).rejects.toThrow(`status ${status}`);
    await expect(store.preview('a', 'x')).rejects.toThrow(`status ${status}`);
  });

  test('to create a secret, that is said, and no version is added', async () => {
    const addVersion = jest.fn(refusal(404));
    const store = storeWith({ addVersion, create: refusal(403) }, { platform: 'shop' });
    await expect(store.set('a', 'x')).rejects.toThrow('status 403');
    expect(addVersion).toHaveBeenCalledTimes(1);
  });
});
