import { auth, type compute_v1, compute as computeClient } from '@googleapis/compute';
import type { IdentityRecord } from '../../recovery/identity-record';
import { expired, type Snapshot, Snapshots } from '../../recovery/snapshots';
import { disk } from '../../sandbox/google/compute/disk';
import { ComputeApi } from '../../sandbox/google/rest/compute';
import { listen } from '../../sandbox/http';
import { World } from '../../sandbox/world';

const owner = { platform: 'shop', environment: 'prod' };
const record: IdentityRecord = {
  address: '10.0.0.2',
  nodeName: 'vm',
  certificateNames: ['vm'],
  serials: { 'vpc-prod': 1 },
};
const DAY = 24 * 3600_000;

describe('on the simulated Compute Engine', () => {
  const world = World.inMemory('2031-04-05T06:07:08Z');
  let api: Awaited<ReturnType<typeof listen>>;
  let client: compute_v1.Compute;

  beforeAll(async () => {
    const context = { world, provider: { project: 'p', zone: 'europe-west1-b' }, home: '' };
    await world.clock.busy(() => disk.create({ name: 'boot', image: 'debian-cloud/debian-12', size: 20 }, context));
    api = await listen(0, [new ComputeApi(world).handle]);
    const credentials = new auth.OAuth2();
    credentials.setCredentials({ access_token: 'false' });
    client = computeClient({
      version: 'v1',
      auth: credentials,
      rootUrl: `${api.baseUrl}/`,
      fetchImplementation: fetch,
    });
  });
  afterAll(() => api.close());

  const of = (environment = 'prod') => new Snapshots(client, 'p', 'europe-west1-b', { ...owner, environment });

  test("the moment that names a snapshot is the cloud's, whatever the time is here", async () => {
    expect((await of().now()).toISOString()).toMatch(/^2031-04-05T06:0/);
  });

  test('a snapshot is in the region of its disk, ready, with labels of its owner and a record of its VM', async () => {
    expect(await of().make('one', 'boot', '00-vpc', record)).toMatchObject({
      name: 'one',
      layer: '00-vpc',
      status: 'READY',
      sizeGb: 20,
      labels: { ...owner, layer: '00-vpc' },
      record,
    });
    expect(world.list('google_compute_snapshot')[0]?.values['storage_locations']).toEqual(['europe-west1']);
  });

  test('those of another environment are not listed', async () => {
    await of('staging').make('other', 'boot', '00-vpc', record);
    expect((await of().list()).map(({ name }) => name)).toEqual(['one']);
    expect((await of('staging').list()).map(({ name }) => name)).toEqual(['other']);
  });

  test('the newest comes first, and one that is deleted is gone', async () => {
    await of().make('two', 'boot', '01-k8s', record);
    expect((await of().list()).map(({ name }) => name)).toEqual(['two', 'one']);
    expect([await of().delete('two'), await of().delete('two')]).toEqual(['deleted', 'absent']);
    expect((await of().list()).map(({ name }) => name)).toEqual(['one']);
  });

  test('a disk is deleted once, and absent after that', async () => {
    expect([await of().deleteDisk('boot'), await of().deleteDisk('boot')]).toEqual(['deleted', 'absent']);
  });
});

describe('when Compute Engine', () => {
  const RUNNING = { name: 'op', status: 'RUNNING', zone: 'zones/us-east1-b', operationType: 'insert' };
  const FAILED = { ...RUNNING, status: 'DONE', error: { errors: [{ code: 'QUOTA', message: 'no room' }] } };
  const answer = (data: unknown) => async () => ({ data });
  const error = (status: number) => async () => {
    throw Object.assign(new Error(`status ${status}`), { status });
  };

  function snapshots(calls: Record<string, Record<string, unknown>>): Snapshots {
    return new Snapshots(calls as unknown as compute_v1.Compute, 'p', 'us-east1-b', owner);
  }

  test('ends an operation with an error, no snapshot is created and nothing is deleted', async () => {
    const failing = snapshots({
      disks: { createSnapshot: answer(RUNNING), delete: answer(RUNNING) },
      snapshots: { get: answer({ status: 'READY' }), delete: answer({ ...RUNNING, zone: undefined }) },
      zoneOperations: { wait: answer(FAILED) },
      globalOperations: { wait: answer({ ...FAILED, zone: undefined }) },
    });
    await expect(failing.make('one', 'boot', '00-vpc', record)).rejects.toThrow('insert failed: no room');
    await expect(failing.deleteDisk('boot')).rejects.toThrow('insert failed: no room');
    await expect(failing.delete('one')).rejects.toThrow('insert failed: no room');
  });

  test('answers a wait before the end, it is waited for again', async () => {
    const answers = [RUNNING, RUNNING, { ...RUNNING, status: 'DONE' }];
    const wait = jest.fn(async () => ({ data: answers.shift() }));
    const slow = snapshots({ disks: { delete: answer(RUNNING) }, zoneOperations: { wait } });
    expect(await slow.deleteDisk('boot')).toBe('deleted');
    expect(wait).toHaveBeenCalledTimes(3);
    expect(wait).toHaveBeenCalledWith({ project: 'p', zone: 'us-east1-b', operation: 'op' });
  });

  test('has a snapshot that is not ready, it is refused', async () => {
    const unready = snapshots({
      disks: { createSnapshot: answer({ status: 'DONE' }) },
      snapshots: { get: answer({ name: 'one', status: 'FAILED' }) },
    });
    await expect(unready.make('one', 'boot', '00-vpc', record)).rejects.toThrow('snapshot one is FAILED, not READY');
  });

  test('lists in pages, all are read', async () => {
    const pages: Record<string, object> = {
      first: { items: [{ name: 'a', creationTimestamp: '2026-01-01T00:00:00Z' }], nextPageToken: 'second' },
      second: { items: [{ name: 'b', creationTimestamp: '2026-01-02T00:00:00Z' }] },
    };
    const list = jest.fn(async ({ pageToken = 'first' }: { pageToken?: string }) => ({ data: pages[pageToken] }));
    expect((await snapshots({ snapshots: { list } }).list()).map(({ name }) => name)).toEqual(['b', 'a']);
    expect(list.mock.calls[0]?.[0]).toMatchObject({ filter: 'labels.platform=shop AND labels.environment=prod' });
  });

  test.each([403, 409, 500])('refuses a deletion with %d, that is said', async (status) => {
    const refusing = snapshots({ disks: { delete: error(status) }, snapshots: { delete: error(status) } });
    await expect(refusing.deleteDisk('boot')).rejects.toThrow(`status ${status}`);
    await expect(refusing.delete('one')).rejects.toThrow(`status ${status}`);
  });
});

describe('a snapshot that was made by hand has expired', () => {
  const now = new Date('2026-11-20T00:00:00Z');
  const made = (name: string, days: number, more: Partial<Snapshot> = {}): Snapshot => ({
    name,
    layer: '01-k8s',
    status: 'READY',
    createdAt: new Date(now.getTime() - days * DAY),
    sourceDiskId: '1',
    sizeGb: 20,
    labels: owner,
    record,
    ...more,
  });
  const names = (...all: Snapshot[]) =>
    expired(all, { now, keep: 1, keepDays: 14, used: ['used'] }).map(({ name }) => name);

  test('when it is older than those of the schedule are kept, and not the last of its layer', () => {
    expect(names(made('new', 1), made('older', 14), made('old', 15))).toEqual(['old']);
    expect(names(made('last', 400))).toEqual([]);
    expect(names(made('last', 40), made('before', 50), made('other', 45, { layer: '00-vpc' }))).toEqual(['before']);
  });

  test('when there are enough newer ones of its layer, if a number is wanted', () => {
    const four = [1, 2, 3, 4].map((days) => made(`d${days}`, days));
    const kept = (keep: number) => expired(four, { now, keep, used: ['d4'] }).map(({ name }) => name);
    expect([kept(2), kept(1), kept(0), kept(9)]).toEqual([['d3'], ['d2', 'd3'], ['d2', 'd3'], []]);
  });

  test.each([
    ['one that restore.json names', made('used', 40)],
    ['one of the schedule, which Google deletes', made('nightly', 40, { record: undefined })],
    ['one that is not ready', made('half', 40, { status: 'CREATING' })],
  ])('but never %s', (_, snapshot) => {
    expect(names(made('new', 1), snapshot)).toEqual([]);
  });
});
