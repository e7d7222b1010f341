import type { IncomingMessage, ServerResponse } from 'node:http';
import { auth } from '@googleapis/compute';
import { CloudProject } from '../../clients/cloud-project';
import { ServiceUsageApi } from '../../sandbox/google/rest/service-usage';
import { addProject } from '../../sandbox/google/services';
import { type Handler, type Listening, listen, sendJson } from '../../sandbox/http';
import { handleStorage } from '../../sandbox/storage/gcs';
import { World } from '../../sandbox/world';

const SERVICES = ['compute', 'iam', 'storage'];
const BUCKET = { name: 'shop-states', location: 'us-east1' };

let world: World;
let api: Listening;
/** Answers before the simulated clouds do. */
let first: Handler;

beforeEach(async () => {
  world = World.inMemory();
  addProject(world, 'shop-project', ['serviceusage']);
  first = async () => false;
  api = await listen(0, [
    (request, response) => first(request, response),
    new ServiceUsageApi(world).handle,
    (request, response) => handleStorage(world, request, response),
  ]);
});
afterEach(() => api.close());

/** A client whose pauses let simulated time pass. */
function project(id = 'shop-project'): CloudProject {
  const root = `${api.baseUrl}/`;
  const env = { STRATA_SERVICE_USAGE_ENDPOINT: root, STRATA_STORAGE_ENDPOINT: root };
  const credentials = new auth.OAuth2();
  credentials.setCredentials({ access_token: 'false' });
  return new CloudProject(id, env, {
    request: (options) => credentials.request({ ...options, fetchImplementation: fetch, retry: false }),
    sleep: (ms) => world.clock.advance(ms / 1000),
  });
}

async function prepare(): Promise<void> {
  const cloud = project();
  await cloud.enable(await cloud.disabled(SERVICES));
  if (!(await cloud.hasBucket(BUCKET.name))) await cloud.createBucket(BUCKET);
}

test('services are enabled once, and the bucket is created when they have taken effect', async () => {
  const cloud = project();
  expect(await cloud.disabled(SERVICES)).toEqual(SERVICES);
  await cloud.enable(SERVICES);
  expect(await cloud.disabled(SERVICES)).toEqual([]);
  expect(await cloud.createBucket(BUCKET)).toBe(true);
  expect(await cloud.createBucket(BUCKET)).toBe(false);
  expect(await cloud.hasBucket(BUCKET.name)).toBe(true);
});

test('the bucket keeps versions, cannot be made public, and is in the region', async () => {
  await prepare();
  expect(world.get('google_storage_bucket', BUCKET.name)?.values).toMatchObject({
    project: 'shop-project',
    location: 'US-EAST1',
    uniform_bucket_level_access: true,
    public_access_prevention: 'enforced',
    versioning: [{ enabled: true }],
  });
});

test('a project without the Service Usage API says where to enable it', async () => {
  addProject(world, 'bare-project', ['logging']);
  await expect(project('bare-project').disabled(SERVICES)).rejects.toThrow(
    'project bare-project has the Service Usage API disabled, which enables all others; enable it at ' +
      'https://console.cloud.google.com/apis/library/serviceusage.googleapis.com?project=bare-project and run this again',
  );
});

test('a bucket of somebody else is refused, with what to do', async () => {
  first = async (_, response) => {
    sendJson(response, { error: { code: 403, message: 'does not have storage.buckets.get access' } }, 403);
    return true;
  };
  await expect(project().hasBucket('taken')).rejects.toThrow(
    "bucket taken belongs to another project, or you may not read it; choose another name for state.bucket in the platform's " +
      'description, or ask the owner for roles/storage.admin',
  );
});

test.each([
  ['before it is handled', false],
  ['before its answer', true],
])('cut off %s, every call can be repeated: the project ends the same', async (_, handled) => {
  let calls = 0;
  let cutAt = 0;
  const storage = new ServiceUsageApi(world);
  first = async (request: IncomingMessage, response: ServerResponse) => {
    if (++calls !== cutAt) return false;
    // What is handled changes the world; the client sees the connection end in both cases.
    if (handled) response.end = (() => response.destroy()) as typeof response.end;
    else request.socket.destroy();
    if (!handled) return true;
    return (await storage.handle(request, response)) || handleStorage(world, request, response);
  };
  for (cutAt = 1; ; cutAt++) {
    calls = 0;
    await prepare().catch(() => {});
    if (calls < cutAt) break;
  }
  expect(cutAt).toBeGreaterThan(2);
  cutAt = 0;
  await prepare();
  expect(await project().disabled(SERVICES)).toEqual([]);
  expect(Object.keys(world.data.buckets)).toEqual([BUCKET.name]);
});
