import { auth, compute } from '@googleapis/compute';
import { disk } from '../../../google/compute/disk';
import { instance } from '../../../google/compute/instance';
import { network } from '../../../google/compute/network';
import { ComputeApi } from '../../../google/rest/compute';
import { type Listening, listen } from '../../../http';
import { World } from '../../../world';

const zone = 'asia-east1-b';
const world = World.inMemory();
const where = { project: 'p', zone };
const context = { world, provider: where, home: '' };
let api: Listening;
let client: ReturnType<typeof compute>;

beforeAll(async () => {
  api = await listen(0, [new ComputeApi(world).handle]);
  const credentials = new auth.OAuth2();
  credentials.setCredentials({ access_token: 'false' });
  client = compute({ version: 'v1', auth: credentials, rootUrl: `${api.baseUrl}/`, fetchImplementation: fetch });
  await world.clock.busy(async () => {
    await network.create({ name: 'net', project: 'p' }, context);
    await disk.create({ name: 'boot', image: 'debian-cloud/debian-12', size: 20, labels: { team: 'a' } }, context);
    await instance.create(
      {
        name: 'vm',
        machine_type: 'e2-medium',
        boot_disk: [{ source: 'boot', auto_delete: false }],
        network_interface: [{ network: 'net' }],
        metadata: { 'startup-script': 'true' },
        labels: { team: 'a' },
      },
      context,
    );
  });
  await world.clock.settled();
});
afterAll(() => api.close());

async function wait(operation: { name?: string | null; zone?: string | null }) {
  const name = operation.name ?? '';
  const { data } = operation.zone
    ? await client.zoneOperations.wait({ ...where, operation: name })
    : await client.globalOperations.wait({ project: 'p', operation: name });
  return data;
}

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => 'accepted',
    (error: { status: number; message: string }) => `${error.status} ${error.message}`,
  );

test('what terraform has created is shown as the API shows it', async () => {
  const { data: vm } = await client.instances.get({ ...where, instance: 'vm' });
  expect(vm).toMatchObject({
    kind: 'compute#instance',
    status: 'RUNNING',
    machineType: `https://www.googleapis.com/compute/v1/projects/p/zones/${zone}/machineTypes/e2-medium`,
    disks: [{ boot: true, source: expect.stringMatching(/zones\/asia-east1-b\/disks\/boot$/), autoDelete: false }],
    networkInterfaces: [{ networkIP: expect.stringMatching(/^\d/) }],
    metadata: { items: [{ key: 'startup-script', value: 'true' }] },
    labels: { team: 'a' },
  });
  const { data: boot } = await client.disks.get({ ...where, disk: 'boot' });
  expect(boot).toMatchObject({ status: 'READY', sizeGb: '20', users: [vm.selfLink] });
});

test('a snapshot is CREATING until its operation is done, and holds what the disk held when it was asked for', async () => {
  const content = { cluster: undefined, mark: 'then' } as object;
  const key = `projects/p/zones/${zone}/disks/boot`;
  world.data.disks[key] = content;
  const before = world.clock.now();
  // Simulated time does not pass while a client is busy.
  const operation = await world.clock.busy(async () => {
    const requestBody = { name: 'snap', labels: { layer: '00-vpc' }, storageLocations: ['asia'] };
    const { data } = await client.disks.createSnapshot({ ...where, disk: 'boot', requestBody });
    world.data.disks[key] = { ...content, mark: 'now' } as object;
    expect(data).toMatchObject({ status: 'RUNNING', operationType: 'createSnapshot' });
    expect((await client.snapshots.get({ project: 'p', snapshot: 'snap' })).data.status).toBe('CREATING');
    return data;
  });
  expect(await wait(operation)).toMatchObject({ status: 'DONE', progress: 100 });
  expect(world.clock.now() - before).toBeGreaterThanOrEqual(30_000);
  const { data: made } = await client.snapshots.get({ project: 'p', snapshot: 'snap' });
  const { data: source } = await client.disks.get({ ...where, disk: 'boot' });
  expect(made).toMatchObject({
    status: 'READY',
    diskSizeGb: '20',
    sourceDisk: source.selfLink,
    sourceDiskId: source.id,
    labels: { layer: '00-vpc' },
    storageLocations: ['asia'],
  });
  expect(made.labels).toEqual({ layer: '00-vpc' });
  expect(world.data.disks['projects/p/global/snapshots/snap']).toMatchObject({ mark: 'then' });
});

test('snapshots are listed by name, label and status, and a filter that is not understood is refused', async () => {
  const body = { sourceDisk: `projects/p/zones/${zone}/disks/boot` };
  for (const [name, layer] of [
    ['one', '01-k8s'],
    ['two', '02-app'],
  ] as const) {
    const { data } = await client.snapshots.insert({ project: 'p', requestBody: { ...body, name, labels: { layer } } });
    await wait(data);
  }
  const names = async (filter?: string) =>
    (await client.snapshots.list({ project: 'p', filter })).data.items?.map(({ name }) => name);
  expect(await names()).toEqual(expect.arrayContaining(['one', 'two']));
  expect(await names('name = "one"')).toEqual(['one']);
  expect(await names('labels.layer=02-app AND status=READY')).toEqual(['two']);
  expect(await names('(labels.layer=02-app) (name!=two)')).toEqual([]);
  expect(await refusal(names('creationTimestamp > 2026'))).toBe(
    '400 Invalid list filter expression: the sandbox knows FIELD=VALUE, got creationTimestamp > 2026',
  );
});

test.each([
  ['a name that is taken', { name: 'taken' }, "409 The resource 'projects/p/global/snapshots/taken' already exists"],
  [
    'a name that is no name',
    { name: 'No_Name' },
    "400 Invalid value for field 'resource.name': 'No_Name'. Must be a match of regex",
  ],
])('a snapshot with %s is refused at once', async (_, requestBody, message) => {
  const create = (name: string) => client.disks.createSnapshot({ ...where, disk: 'boot', requestBody: { name } });
  if (requestBody.name === 'taken') await wait((await create('taken')).data);
  expect(await refusal(create(requestBody.name))).toContain(message);
});

test('what does not exist is a 404 that names it', async () => {
  const missing = { status: 404, message: `The resource 'projects/p/zones/${zone}/disks/none' was not found` };
  await expect(client.disks.get({ ...where, disk: 'none' })).rejects.toMatchObject(missing);
  await expect(client.disks.delete({ ...where, disk: 'none' })).rejects.toMatchObject(missing);
  await expect(client.disks.createSnapshot({ ...where, disk: 'none' })).rejects.toMatchObject(missing);
});

test('labels change only for who has seen the present ones', async () => {
  const { data } = await client.disks.get({ ...where, disk: 'boot' });
  const set = (labelFingerprint?: string | null) =>
    client.disks.setLabels({ ...where, resource: 'boot', requestBody: { labels: { team: 'b' }, labelFingerprint } });
  expect(await refusal(set('stale'))).toBe('412 Labels fingerprint either invalid or resource labels have changed');
  await wait((await set(data.labelFingerprint)).data);
  expect((await client.disks.get({ ...where, disk: 'boot' })).data.labels).toEqual({ team: 'b' });
});

test('a VM stops and starts again; starting one that runs changes nothing', async () => {
  const key = `projects/p/zones/${zone}/instances/vm`;
  const status = async () => (await client.instances.get({ ...where, instance: 'vm' })).data.status;
  const running = world.data.machines[key];
  await wait((await client.instances.start({ ...where, instance: 'vm' })).data);
  expect(world.data.machines[key]).toBe(running);
  await wait((await client.instances.stop({ ...where, instance: 'vm' })).data);
  expect(await status()).toBe('TERMINATED');
  await wait((await client.instances.start({ ...where, instance: 'vm' })).data);
  expect(await status()).toBe('RUNNING');
});

test('a disk in use is not deleted; with its VM gone it is, its snapshot schedule with it, and its snapshots stay', async () => {
  const schedule = 'google_compute_disk_resource_policy_attachment';
  const attached = { name: 'daily', disk: 'boot', ...where };
  world.put({ type: schedule, key: `projects/p/zones/${zone}/disks/boot/policies/daily`, values: attached });
  expect(await refusal(client.disks.delete({ ...where, disk: 'boot' }))).toContain(
    `is already being used by 'projects/p/zones/${zone}/instances/vm'`,
  );
  const key = `projects/p/zones/${zone}/instances/vm`;
  const stopped = new Promise((resolve) => world.events.once('machine', resolve));
  await wait((await client.instances.delete({ ...where, instance: 'vm' })).data);
  expect(await stopped).toBe(key);
  expect(world.data.machines[key]).toBeUndefined();
  await wait((await client.disks.delete({ ...where, disk: 'boot' })).data);
  expect((await client.disks.list(where)).data.items).toEqual([]);
  expect(world.list(schedule)).toEqual([]);
  const { data: kept } = await client.snapshots.get({ project: 'p', snapshot: 'snap' });
  expect(kept.status).toBe('READY');
  await wait((await client.snapshots.delete({ project: 'p', snapshot: 'snap' })).data);
  expect(world.data.disks['projects/p/global/snapshots/snap']).toBeUndefined();
});

test('a snapshot that a killed sandbox left unfinished becomes ready', async () => {
  const key = 'projects/p/global/snapshots/half';
  world.put({ type: 'google_compute_snapshot', key, values: { name: 'half', labels: {}, status: 'CREATING' } });
  new ComputeApi(world);
  await world.clock.settled();
  expect(world.get('google_compute_snapshot', key)?.values['status']).toBe('READY');
});

test('a call without a credential, and one that is not simulated, are refused', async () => {
  const url = `${api.baseUrl}/compute/v1/projects/p/zones/${zone}/instances`;
  expect((await fetch(url)).status).toBe(401);
  expect(await refusal(client.instances.insert({ ...where, requestBody: { name: 'x' } }))).toBe(
    `501 the sandbox's Compute Engine does not know POST /compute/v1/projects/p/zones/${zone}/instances`,
  );
  expect(await refusal(client.zoneOperations.get({ ...where, operation: 'none' }))).toContain('404');
});
