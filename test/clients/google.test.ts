import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloudNow, cloudTime, signedInClients } from '../../clients/google';

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

test('names the next step if there are no credentials', async () => {
  await expect(signedInClients()).rejects.toThrow(new Error(`no credentials for Google Cloud were found; ${NEXT}`));
});

test('another problem with credentials keeps its own words', async () => {
  const file = join(home, 'key.json');
  writeFileSync(file, '{"type": "none of Google"}');
  process.env['GOOGLE_APPLICATION_CREDENTIALS'] = file;
  await expect(signedInClients()).rejects.toThrow(/client_email|type/);
});

test('uses the token in the environment', async () => {
  await expect(signedInClients({ GOOGLE_OAUTH_ACCESS_TOKEN: 'false' })).resolves.toHaveProperty('compute');
});

test("the cloud's clock is the date of its answer", () => {
  expect(cloudTime({ date: 'Mon, 05 Jan 2026 02:00:00 GMT' })).toEqual(new Date('2026-01-05T02:00:00Z'));
});

describe('the moment by the clock of the cloud', () => {
  test('is told without credentials, also where the answer is a refusal', async () => {
    const cloud = createServer((_, response) => {
      response.setHeader('date', 'Mon, 05 Jan 2026 02:00:00 GMT');
      response.writeHead(401).end();
    }).listen(0, '127.0.0.1');
    await once(cloud, 'listening');
    const { port } = cloud.address() as AddressInfo;
    const moment = await cloudNow({ STRATA_COMPUTE_ENDPOINT: `http://127.0.0.1:${port}/` });
    cloud.close();
    cloud.closeAllConnections();
    expect(moment).toEqual(new Date('2026-01-05T02:00:00Z'));
  });

  test("is this machine's where the cloud does not answer", async () => {
    const moment = await cloudNow({ STRATA_COMPUTE_ENDPOINT: 'http://127.0.0.1:9/' });
    expect(Math.abs(moment.getTime() - Date.now())).toBeLessThan(60_000);
  });
});
