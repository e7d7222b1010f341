import type { Clock } from '../../clients/clock';
import { BOT } from '../../delivery/git/bot';
import type { CommitId, PushOutcome, RefStore, RefUpdate } from '../../delivery/git/ref-store';
import { DeploymentLock } from '../../delivery/lock/deployment-lock';
import { type HeldLock, LockLostError } from '../../delivery/lock/held-lock';
import { RefusedError } from '../../errors';

export const MAIN = 'refs/heads/main';
export const LOCK = 'refs/strata/locks/platform-prod';

/** File of the branch that every client adds a line to. */
export const FILE = 'tags';

/** Times of the model: who waits gives up at its second look, and takes over only after a pause that outlasts the lease. */
export const TIMES = { poll: 10_000, wait: 10_000, lease: 900_000, renew: 60_000 };

/** What a client asks of the world, one at a time: whoever answers decides the schedule. */
export type Step =
  | { readonly kind: 'read'; readonly refs: readonly string[] }
  | { readonly kind: 'push'; readonly updates: readonly RefUpdate[] }
  | { readonly kind: 'sleep'; readonly ms: number };

/** What answers the steps of one client. */
interface World {
  read(refs: readonly string[]): Promise<Record<string, CommitId | null>>;
  push(updates: readonly RefUpdate[]): Promise<PushOutcome>;
  /** @returns for how long it slept */
  sleep(ms: number): Promise<number>;
}

/** How a client ended. `lost`: it had lost the lock before it wrote; `lost-after`: after. */
export type Ending = 'written' | 'refused' | 'lost' | 'lost-after';

/** What a client does. */
export type Script = (client: number, store: RefStore, world: World) => Promise<Ending>;

/** Takes the lock, renews it, adds a line to the file, releases it; and, refused, cleans up as if it held it. */
export function deploying(renews: boolean): Script {
  return async (client, local, world) => {
    const store = scheduled(local, world);
    const clock = sleeping(world);
    const holder = { owner: `client-${client}`, run: '1' };
    const lock = new DeploymentLock({
      store,
      clock,
      platform: 'platform',
      env: 'prod',
      times: TIMES,
      token: () => `token-${client}`,
    });
    let held: HeldLock;
    try {
      held = await lock.take(holder);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      await lock.release(holder).catch(onlyRefused);
      return 'refused';
    }
    try {
      if (renews) await held.renew();
      while ((await held.write([await addLine(store, client)])) === 'stale');
    } catch (error) {
      if (!(error instanceof LockLostError)) throw error;
      await held.release();
      return error.written ? 'lost-after' : 'lost';
    }
    await held.release();
    return 'written';
  };
}

/** Adds a line as a person does, who knows no lock. */
export const person: Script = async (client, local, world) => {
  const store = scheduled(local, world);
  while ((await store.push([await addLine(store, client)])) === 'stale');
  return 'written';
};

async function addLine(store: RefStore, client: number): Promise<RefUpdate> {
  const { [MAIN]: head } = await store.read(MAIN);
  const lines = (head && (await store.file(head, FILE))) ?? '';
  const files = new Map([[FILE, `${lines}client-${client}\n`]]);
  const next = await store.commit({ parent: head ?? undefined, author: BOT, date: new Date(0), message: 'tag', files });
  return { ref: MAIN, expected: head, next };
}

/** A store whose refs are the world's, and whose commits are local. */
function scheduled(local: RefStore, world: World): RefStore {
  return {
    read: async <R extends string>(...refs: readonly R[]) => (await world.read(refs)) as Record<R, CommitId | null>,
    push: (updates) => world.push(updates),
    commit: (draft) => local.commit(draft),
    message: (commit) => local.message(commit),
    file: (commit, path) => local.file(commit, path),
    log: (commit, path, limit) => local.log(commit, path, limit),
    descends: (commit, ancestor) => local.descends(commit, ancestor),
  };
}

function sleeping(world: World): Clock {
  let time = 0;
  return {
    now: () => time,
    date: () => new Date(0),
    sleep: async (ms) => {
      time += await world.sleep(ms);
    },
  };
}

function onlyRefused(error: unknown): void {
  if (!(error instanceof RefusedError)) throw error;
}
