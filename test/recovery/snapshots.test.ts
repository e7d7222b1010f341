import { auth, compute } from '@googleapis/compute';
import { Snapshots } from '../../recovery/snapshots';
import { ComputeApi } from '../../sandbox/google/rest/compute';
import { listen } from '../../sandbox/http';
import { World } from '../../sandbox/world';

test("the moment that names a snapshot is the cloud's, whatever the time is here", async () => {
  const api = await listen(0, [new ComputeApi(World.inMemory('2031-04-05T06:07:08Z')).handle]);
  const credentials = new auth.OAuth2();
  credentials.setCredentials({ access_token: 'false' });
  const rootUrl = `${api.baseUrl}/`;
  const client = compute({ version: 'v1', auth: credentials, rootUrl, fetchImplementation: fetch });
  const snapshots = new Snapshots(client, 'p', 'us-east1-b', { platform: 'shop', environment: 'prod' });
  expect(await snapshots.now()).toEqual(new Date('2031-04-05T06:07:08Z'));
  await api.close();
});
