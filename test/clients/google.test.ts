import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloudTime, signedInClients } from '../../clients/google';

const home = mkdtempSync(join(tmpdir(), 'google-'));
const before = process.env;
beforeEach(() => {
  process.env = { PATH: before['PATH'], HOME: home, METADATA_SERVER_DETECTION: 'none' };
});
afterAll(() => {
  process.env = before;
  rmSync(home, { recursive: true });
});

const NEXT =
  'log in with gcloud auth application-default login, or try it without an account: npm run sandbox -- COMMAND';

test('without credentials the next step is said in one line', async () => {
  await expect(signedInClients()).rejects.toThrow(new Error(`there are no credentials for Google; ${NEXT}`));
});

test('another problem with credentials keeps its own words', async () => {
  const file = join(home, 'key.json');
  writeFileSync(file, '{"type": "none of Google"}');
  process.env['GOOGLE_APPLICATION_CREDENTIALS'] = file;
  await expect(signedInClients()).rejects.toThrow(/client_email|type/);
});

test('a token in the environment is taken as it is', async () => {
  await expect(signedInClients({ GOOGLE_OAUTH_ACCESS_TOKEN: 'false' })).resolves.toHaveProperty('compute');
});

test("the cloud's clock is the date of its answer", () => {
  expect(cloudTime({ date: 'Mon, 05 Jan 2026 02:00:00 GMT' })).toEqual(new Date('2026-01-05T02:00:00Z'));
});
