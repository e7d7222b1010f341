import { MemoryRefStore } from '../../delivery/git/memory-ref-store';
import { DeploymentLock } from '../../delivery/lock/deployment-lock';
import { LockLostError } from '../../delivery/lock/held-lock';
import { TagWriter } from '../../delivery/tag/tag-writer';
import todoPlatform from '../../platforms/todo-platform/platform';
import { ManualClock } from '../delivery/manual-clock';
import { MemoryHistory } from '../delivery/tag/histories';

const REF = 'refs/heads/main';
const history = new MemoryHistory([[], [0]]);
const [old, next] = [history.tag(0), history.tag(1)];
const targetOf = (service: string) => ({
  ...{ service, history, image: `docker.io/curiosinauts/scottseotech-${service}` },
  folder: `k8s/todo-platform/applications/${service}/overlays/prod`,
});
const [api, bot] = [targetOf('todo-api'), targetOf('todo-bot')];

let store: MemoryRefStore;
const lockOf = (clock: ManualClock, times = {}) =>
  new DeploymentLock({ store, clock, platform: 'todo-platform', env: 'prod', times });
const writerOf = (clock: ManualClock) => new TagWriter({ store, clock, platform: todoPlatform, env: 'prod', run: '1' });
const tagOf = async ({ folder }: { folder: string }) =>
  /newTag: (\S+)/.exec((await store.file(store.refs.get(REF) ?? '', `${folder}/kustomization.yaml`)) ?? '')?.[1];

beforeEach(async () => {
  store = new MemoryRefStore();
  const files = new Map(
    [api, bot].map(({ folder, image }) => [
      `${folder}/kustomization.yaml`,
      `images:\n- name: ${image}\n  newTag: ${old}\n`,
    ]),
  );
  const author = { name: 'a', email: 'a@example.com' };
  store.refs.set(REF, await store.commit({ author, date: new Date(0), message: 'first', files }));
});

test('of two deployments at once the second starts when the first has ended, and both tags are kept', async () => {
  const clock = new ManualClock();
  const first = await lockOf(clock).take({ owner: 'todo-api', run: '1.1' });
  await writerOf(clock).set([{ target: api, tag: next }], { lock: first });
  // The rollout of the first takes 40 s.
  const waiting = new ManualClock(async (now) => {
    if (now === 40_000) await first.release();
  });
  const second = await lockOf(waiting).take({ owner: 'todo-bot', run: '2.1' });
  expect(waiting.now()).toBe(40_000);
  await writerOf(waiting).set([{ target: bot, tag: next }], { lock: second });
  expect([await tagOf(api), await tagOf(bot)]).toEqual([next, next]);
});

test('a run that never got the lock does not free it in its clean-up step', async () => {
  const clock = new ManualClock();
  const first = await lockOf(clock).take({ owner: 'todo-api', run: '1.1' });
  const second = lockOf(clock);
  await expect(second.take({ owner: 'todo-bot', run: '2.1' })).rejects.toThrow(/is held by todo-api/);
  await expect(second.release({ owner: 'todo-bot', run: '2.1' })).rejects.toThrow(/only the holder can release it/);
  expect((await second.status()).record).toMatchObject({ state: 'held', owner: 'todo-api' });
  expect(await writerOf(clock).set([{ target: api, tag: next }], { lock: first })).toMatchObject({
    outcome: 'written',
  });
});

describe('the lock of a dead run', () => {
  test('is taken over by whoever has seen it unchanged for the lease', async () => {
    await lockOf(new ManualClock()).take({ owner: 'todo-api', run: '1.1' });
    const clock = new ManualClock();
    const lock = await lockOf(clock, { wait: 1_200_000 }).take({ owner: 'todo-bot', run: '2.1' });
    expect(await writerOf(clock).set([{ target: bot, tag: next }], { lock })).toMatchObject({ outcome: 'written' });
  });

  test('protects nothing of a run that was only thought to be dead: its late tag is refused', async () => {
    const clock = new ManualClock();
    const asleep = await lockOf(clock).take({ owner: 'todo-api', run: '1.1' });
    await lockOf(clock).break({ owner: 'jane', run: 'manual' }, 'the runner is gone');
    const set = writerOf(clock).set([{ target: api, tag: next }], { lock: asleep });
    await expect(set).rejects.toBeInstanceOf(LockLostError);
    expect(await tagOf(api)).toBe(old);
  });
});
