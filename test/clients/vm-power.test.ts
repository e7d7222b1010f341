import { auth, compute } from '@googleapis/compute';
import { powerOf } from '../../clients/vm-power';
import { loadPlatform } from '../../platforms/load';
import { ComputeApi } from '../../sandbox/google/rest/compute';
import { handleScheduler } from '../../sandbox/google/rest/scheduler';
import { listen } from '../../sandbox/http';
import { World } from '../../sandbox/world';

// Google's client imports its fetch dynamically, which jest does not allow, unless a window has one.
Object.assign(globalThis, { window: { fetch } });

const platform = loadPlatform('threads', { restoreFile: 'absent.json' });
const PROJECT = 'projects/web-service-design';
const VM = `${PROJECT}/zones/us-east1-b/instances/threads-prod-vm`;
const JOB = `${PROJECT}/locations/us-east1/jobs/threads-prod-watchdog`;
const POLICY = `${PROJECT}/regions/us-east1/resourcePolicies/threads-prod-power`;

const world = World.inMemory('2026-01-05T06:00:00Z');
let api: Awaited<ReturnType<typeof listen>>;

const power = () => {
  const credentials = new auth.OAuth2();
  credentials.setCredentials({ access_token: 'false' });
  const client = compute({ version: 'v1', auth: credentials, rootUrl: `${api.baseUrl}/`, fetchImplementation: fetch });
  const variables = { STRATA_SCHEDULER_ENDPOINT: `${api.baseUrl}/`, GOOGLE_OAUTH_ACCESS_TOKEN: 'false' };
  return powerOf({ compute: client }, platform, 'prod', variables);
};
const job = () => world.get('google_cloud_scheduler_job', JOB)?.values;
const policies = () => world.get('google_compute_instance', VM)?.values['resource_policies'];

beforeAll(async () => {
  api = await listen(0, [new ComputeApi(world).handle, handleScheduler(world)]);
  const put = (type: string, key: string, values: object) =>
    world.put({ type, key, values: { project: 'web-service-design', ...values } });
  put('google_compute_instance', VM, {
    name: 'threads-prod-vm',
    zone: 'us-east1-b',
    machine_type: 'e2-standard-2',
    resource_policies: [],
    boot_disk: [{ source: 'projects/web-service-design/zones/us-east1-b/disks/boot' }],
  });
  world.data.machines[VM] = {
    name: 'threads-prod-vm',
    address: '10.10.0.10',
    architecture: 'amd64',
    memoryMiB: 8192,
    cpus: 2,
    disk: '',
    startupScript: '',
    state: 'running',
  };
  put('google_cloud_scheduler_job', JOB, { name: 'threads-prod-watchdog', paused: false, state: 'ENABLED' });
  put('google_compute_resource_policy', POLICY, { name: 'threads-prod-power' });
});
afterAll(() => api.close());

test('the watchdog is paused and resumed, once and again', async () => {
  for (const paused of [true, true, false, false]) {
    await power().pauseWatchdog(paused);
    expect(job()).toMatchObject({ paused, state: paused ? 'PAUSED' : 'ENABLED' });
  }
});

test('the schedule is attached and detached, once and again', async () => {
  for (const attached of [true, true, false, false]) {
    await power().attachSchedule(attached);
    expect(policies()).toEqual(attached ? [`https://www.googleapis.com/compute/v1/${POLICY}`] : []);
  }
});

test('the VM is stopped and started', async () => {
  await power().stop();
  expect([world.data.machines[VM]?.state, await power().status()]).toEqual(['stopped', 'TERMINATED']);
  await power().start();
  expect(await power().status()).toBe('RUNNING');
});
