import { spawnSync } from 'node:child_process';
import { thisProcess } from '../../../clients/process-identity';
import { type Listening, listen } from '../../../sandbox/http';
import { createBucket } from '../../../sandbox/storage/bucket';
import { handleStorage } from '../../../sandbox/storage/gcs';
import { World } from '../../../sandbox/world';
import { newLock } from '../../../terraform/lock/holder';
import { StateLock } from '../../../terraform/lock/state-lock';

const OBJECT = 'threads/prod/00-vpc/state/default.tflock';

let world: World;
let api: Listening;
/** Called after a lock was refused, before it is read: when a holder may release it. */
let afterRefusal: () => void = () => {};

beforeEach(async () => {
  world = World.inMemory();
  createBucket(world, 'states');
  afterRefusal = () => {};
  api = await listen(0, [
    async (request, response) => {
      const handled = await handleStorage(world, request, response);
      if (response.statusCode === 412) afterRefusal();
      return handled;
    },
  ]);
});
afterEach(() => api.close());

function lock(): StateLock {
  const env = { STRATA_STORAGE_ENDPOINT: `${api.baseUrl}/`, GOOGLE_OAUTH_ACCESS_TOKEN: 'none' };
  return new StateLock('vpc-prod', { bucket: 'states', prefix: 'threads/prod/00-vpc/state' }, env);
}

/** Puts a lock into the bucket, as another program does. */
function put(content: object): void {
  world.data.buckets['states'] = {
    [OBJECT]: {
      generation: '7',
      metageneration: '1',
      contentType: 'application/json',
      updated: '',
      data: Buffer.from(JSON.stringify(content)).toString('base64'),
    },
  };
}

const stored = () => Object.keys(world.data.buckets['states'] ?? {});

test('a lock is an object that terraform understands, and is gone once it is released', async () => {
  const held = await lock().take({ operation: 'terraform apply' });
  const data = world.data.buckets['states']?.[OBJECT]?.data ?? '';
  expect(JSON.parse(Buffer.from(data, 'base64').toString())).toMatchObject({
    ID: held.id,
    Operation: 'terraform apply',
    Who: expect.stringMatching(/.@./),
    Path: `gs://states/${OBJECT}`,
  });
  await held.release();
  expect(stored()).toEqual([]);
});

test('a lock that is released between the write and the read of a waiter is taken', async () => {
  const first = await lock().take({ operation: 'terraform apply' });
  let refused = 0;
  afterRefusal = () => {
    refused++;
    world.data.buckets['states'] = {};
  };
  const second = await lock().take({ operation: 'terraform apply' });
  expect(refused).toBe(1);
  expect(second.id).not.toBe(first.id);
});

test('a holder is named with its run, and waited for in vain', async () => {
  const env = { GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'o/r', GITHUB_RUN_ID: '42' };
  put({ ...newLock('terraform apply', '', env), Created: '2026-01-05T09:30:00Z' });
  const onWait = jest.fn();
  await expect(lock().take({ operation: 'terraform apply', waitMs: 0, onWait })).rejects.toThrow(
    'the state of vpc-prod is locked by https://github.com/o/r/actions/runs/42 since 2026-01-05T09:30:00Z (terraform apply); ' +
      'wait for that run, or, if it is dead: npm run state -- doctor --heal --break-lock, with --env and --layer',
  );
  expect(onWait).toHaveBeenCalledTimes(1);
});

test('a lock of plain terraform has a holder that may be alive', async () => {
  put({ ID: 'x', Operation: 'OperationTypeApply', Who: 'ana@laptop', Created: '2026-01-05T09:30:00Z' });
  const holder = await lock().holder();
  expect(holder).toMatchObject({ who: 'ana@laptop', operation: 'OperationTypeApply', generation: '7' });
  expect(holder).not.toHaveProperty('dead');
});

const onLinux = thisProcess() ? test : test.skip;

onLinux('the lock of a process that has ended is dead, and is not taken over without a repair', async () => {
  const { pid } = spawnSync('true');
  const info = { process: { ...thisProcess(), pid, started: '1' } };
  put({ ...newLock('terraform apply', ''), Who: 'ana@laptop', Info: JSON.stringify(info) });
  await expect(lock().take({ operation: 'terraform apply' })).rejects.toThrow(
    new RegExp(
      `terraform apply on vpc-prod by ana@laptop since .* did not end: its process ${pid} has ended; .*doctor --heal`,
    ),
  );
  expect(stored()).toEqual([OBJECT]);
});

onLinux('the lock of a process in another container may be alive', async () => {
  const { pid } = spawnSync('true');
  const process = { ...thisProcess(), machine: 'another boot pid:[1]', pid, started: '1' };
  put({ ...newLock('terraform apply', ''), Info: JSON.stringify({ process }) });
  expect(await lock().holder()).not.toHaveProperty('dead');
});

test('a lock whose terraform was killed is dead for everybody, and can be freed', async () => {
  const held = await lock().take({ operation: 'terraform apply' });
  await held.interrupted('its terraform was ended by SIGKILL');
  const holder = await lock().holder();
  expect(holder).toMatchObject({ dead: 'its terraform was ended by SIGKILL' });
  if (holder) await lock().free(holder);
  expect(stored()).toEqual([]);
});

test('a lock that somebody has taken since is not freed', async () => {
  const first = await lock().take({ operation: 'terraform apply' });
  const seen = await lock().holder();
  await first.release();
  await lock().take({ operation: 'terraform apply' });
  if (seen) await lock().free(seen);
  expect(stored()).toEqual([OBJECT]);
});

test('of many who take it at once, one holds it at a time, and all do in the end', async () => {
  let holders = 0;
  let most = 0;
  const one = async () => {
    const held = await lock().take({ operation: 'terraform apply' });
    most = Math.max(most, ++holders);
    await new Promise(setImmediate);
    holders--;
    await held.release();
  };
  await Promise.all([one(), one(), one()]);
  expect(most).toBe(1);
});
