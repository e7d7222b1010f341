import { MemoryRefStore } from '../../../delivery/git/memory-ref-store';
import { type PushOutcome, type RefUpdate, UnknownOutcomeError } from '../../../delivery/git/ref-store';
import { DeploymentLock, type Waiting } from '../../../delivery/lock/deployment-lock';
import { LockLostError } from '../../../delivery/lock/held-lock';
import { formatRecord, parseRecord } from '../../../delivery/lock/record';
import { RefusedError } from '../../../errors';
import { ManualClock } from '../manual-clock';

const REF = 'refs/strata/locks/threads-prod';
const todoApi = { owner: 'todo-api', run: '123456789.1' };
const todoBot = { owner: 'todo-bot', run: '987654321.1' };

let store: MemoryRefStore;
let clock: ManualClock;
const lockAt = (own = clock, times = {}) =>
  new DeploymentLock({ store, clock: own, platform: 'threads', env: 'prod', times });

beforeEach(() => {
  store = new MemoryRefStore();
  clock = new ManualClock();
});

/** The first commit of a branch. */
async function branch(): Promise<string> {
  const author = { name: 'a', email: 'a@example.com' };
  const head = await store.commit({ author, date: new Date(0), message: 'first', files: new Map([['a', '1']]) });
  store.refs.set('refs/heads/main', head);
  return head;
}

async function nextOf(head: string, text: string): Promise<RefUpdate> {
  const author = { name: 'a', email: 'a@example.com' };
  const files = new Map([['a', text]]);
  const next = await store.commit({ parent: head, author, date: new Date(0), message: text, files });
  return { ref: 'refs/heads/main', expected: head, next };
}

test('a lock that was never taken is free', async () => {
  expect(await lockAt().status()).toEqual({});
});

test('taking it records owner, run and counter in a commit without files', async () => {
  const held = await lockAt().take(todoApi, { reason: 'a hotfix\nCounter: 7' });
  expect(held.record).toMatchObject({ ...todoApi, state: 'held', counter: 1 });
  const { commit, record } = await lockAt().status();
  expect(record).toMatchObject({ ...todoApi, state: 'held', counter: 1, reason: 'a hotfix Counter: 7' });
  expect(await store.file(commit ?? '', 'a')).toBeUndefined();
  expect(await store.message(commit ?? '')).toMatch(/^lock: take threads-prod for todo-api\n\nState: held\n/);
});

test('every field of a record comes back from its message', () => {
  const record = {
    ...({ ...todoApi, state: 'held', action: 'take', counter: 41, token: 't', reason: 'why', previous: 'x' } as const),
    ...{ since: '2026-01-01T00:00:00.000Z', at: '2026-01-01T00:01:00.000Z' },
  };
  expect(parseRecord(formatRecord('threads-prod', record))).toEqual(record);
});

test('a commit that somebody else pushed to the ref is not taken for a lock', () => {
  expect(() => parseRecord('chore: play\n\nState: held\n')).toThrow(
    'the lock ref points to a commit that is not a lock: "chore: play"; find out who pushed it, then delete the ref with git push --delete',
  );
});

test('a client polls every 10 s, reports the holder, and gives up after 5 minutes', async () => {
  await lockAt().take(todoApi);
  const waits: Waiting[] = [];
  const refused = lockAt().take(todoBot, { onWait: (waiting) => waits.push(waiting) });
  await expect(refused).rejects.toThrow(
    'lock threads-prod is held by todo-api (run 123456789.1) for 5 min, not renewed for 5 min; waited 5 min. ' +
      'Run this again later. If that run has died: npm run lock -- break --env prod --reason "..."',
  );
  await expect(refused).rejects.toBeInstanceOf(RefusedError);
  expect(waits).toHaveLength(30);
  expect(waits[3]).toMatchObject({ waited: 30_000, unchanged: 30_000, record: todoApi });
});

test('a client that waits gets the lock at its next look after the release', async () => {
  const held = await lockAt().take(todoApi);
  const waiting = new ManualClock(async (now) => {
    if (now === 20_000) await held.release();
  });
  const next = await lockAt(waiting).take(todoBot);
  expect(waiting.now()).toBe(20_000);
  expect(next.record).toMatchObject({ ...todoBot, counter: 3 });
});

test('a client that has seen the ref unchanged for the lease takes over, and says from whom', async () => {
  await lockAt().take(todoApi);
  const waiting = new ManualClock();
  const next = await lockAt(waiting, { wait: 3_600_000 }).take(todoBot);
  expect(waiting.now()).toBe(900_000);
  expect(next.record.previous).toBe('todo-api (run 123456789.1)');
});

test('a lock that is renewed never expires, whatever the clocks of its holder say', async () => {
  const held = await lockAt().take(todoApi);
  const waiting = new ManualClock(async (now) => {
    if (now % 600_000 === 0) await held.renew();
  });
  await expect(lockAt(waiting, { wait: 7_200_000 }).take(todoBot)).rejects.toThrow(
    /held by todo-api .* for 2 h 0 min; waited 2 h 0 min/,
  );
});

test('the wait ends when it is aborted', async () => {
  await lockAt().take(todoApi);
  const interrupt = new AbortController();
  const waiting = new ManualClock((now) => now > 15_000 && interrupt.abort(new Error('Ctrl-C')));
  await expect(lockAt(waiting).take(todoBot, { signal: interrupt.signal })).rejects.toThrow('Ctrl-C');
});

test('two clients with the same owner and run do not share the lock', async () => {
  await lockAt().take(todoApi);
  await expect(lockAt(clock, { wait: 0 }).take(todoApi)).rejects.toThrow(/is held by todo-api/);
});

test('a write moves the branch and the lock ref, whose counter grows', async () => {
  const head = await branch();
  const held = await lockAt().take(todoApi);
  const before = store.refs.get(REF) ?? '';
  const write = await nextOf(head, '2');
  expect(await held.write([write])).toBe('pushed');
  expect(store.refs.get('refs/heads/main')).toBe(write.next);
  expect(store.history(store.refs.get(REF) ?? '')).toEqual([store.refs.get(REF), before]);
  expect(held.record).toMatchObject({ action: 'write', counter: 2 });
});

test('a write that finds the branch moved keeps the lock, and may be tried on the new head', async () => {
  const head = await branch();
  const held = await lockAt().take(todoApi);
  const theirs = await nextOf(head, 'theirs');
  await store.push([theirs]);
  expect(await held.write([await nextOf(head, 'mine')])).toBe('stale');
  expect(held.lost.aborted).toBe(false);
  expect(await held.write([await nextOf(theirs.next, 'mine')])).toBe('pushed');
});

test('a client whose lock was broken writes nothing, and learns who broke it and why', async () => {
  const head = await branch();
  const held = await lockAt().take(todoApi);
  await lockAt().break({ owner: 'jane', run: 'manual-1' }, 'the run is dead');
  const write = held.write([await nextOf(head, '2')]);
  await expect(write).rejects.toThrow(
    'lock threads-prod is lost: it was released (break): the run is dead; nothing was written',
  );
  expect(store.refs.get('refs/heads/main')).toBe(head);
  expect(held.lost.reason).toBeInstanceOf(LockLostError);
  expect(await held.release()).toBe('lost');
});

test('breaking says who held it, records who did it, and does nothing to a free lock', async () => {
  await lockAt().take(todoApi);
  expect(await lockAt().break({ owner: 'jane', run: 'manual-1' }, 'dead')).toMatchObject(todoApi);
  const { record } = await lockAt().status();
  expect(record).toMatchObject({
    ...{ state: 'free', action: 'break', owner: 'jane', reason: 'dead', counter: 2 },
    previous: 'todo-api (run 123456789.1)',
  });
  expect(await lockAt().break({ owner: 'jane', run: 'manual-1' }, 'dead')).toBeUndefined();
});

test('only the holder releases, from whichever process', async () => {
  await lockAt().take(todoApi);
  await expect(lockAt().release(todoBot)).rejects.toThrow(
    'lock threads-prod is held by todo-api (run 123456789.1), not by todo-bot (run 987654321.1); only the holder can release it. ' +
      'If that run has died: npm run lock -- break --env prod --reason "..."',
  );
  expect(await lockAt().release(todoApi)).toBe('released');
  expect(await lockAt().release(todoApi)).toBe('free');
});

test('a released lock writes no more', async () => {
  const head = await branch();
  const held = await lockAt().take(todoApi);
  expect(await held.release()).toBe('released');
  expect(await held.release()).toBe('released');
  await expect(held.write([await nextOf(head, '2')])).rejects.toThrow('lock threads-prod was already released');
});

describe('in the background', () => {
  test('the lock is renewed every minute until it is released', async () => {
    const holder = new ManualClock(async (now) => {
      if (now === 240_000) await held.release();
    });
    const held = await lockAt(holder).take(todoApi);
    await held.keepRenewed();
    expect(holder.now()).toBe(240_000);
    expect((await lockAt().status()).record).toMatchObject({ state: 'free', action: 'release', counter: 5 });
    expect(held.lost.aborted).toBe(false);
  });

  test('a holder that cannot renew for the lease stops believing that it holds the lock', async () => {
    const held = await lockAt().take(todoApi);
    store.push = async (): Promise<PushOutcome> => {
      throw new UnknownOutcomeError('unreachable');
    };
    await held.keepRenewed();
    expect(held.lost.reason).toMatchObject({
      message:
        'lock threads-prod is lost: it could not be renewed in time, so another client may hold it; nothing was written',
    });
    expect(clock.now()).toBeGreaterThanOrEqual(900_000);
  });
});

describe('a lost answer', () => {
  /** Loses the answers of the next pushes, which arrive or do not. */
  function loseAnswers(count: number, arrives: boolean): void {
    const push = store.push.bind(store);
    let lost = 0;
    store.push = async (updates) => {
      if (lost++ >= count) return push(updates);
      if (arrives) await push(updates);
      throw new UnknownOutcomeError('lost');
    };
  }

  test.each([true, false])('of taking the lock is found out (arrived: %s)', async (arrives) => {
    loseAnswers(2, arrives);
    await lockAt().take(todoApi);
    expect((await lockAt().status()).record).toMatchObject({ ...todoApi, counter: 1 });
  });

  test.each([true, false])('of a write is found out, even after giving up (arrived: %s)', async (arrives) => {
    const head = await branch();
    const held = await lockAt().take(todoApi);
    loseAnswers(4, arrives);
    await expect(held.write([await nextOf(head, '2')])).rejects.toThrow(UnknownOutcomeError);
    await held.renew();
    expect(held.record.counter).toBe(arrives ? 3 : 2);
    expect(await held.release()).toBe('released');
  });
});
