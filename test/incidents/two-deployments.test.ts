import { ManualClock } from '../delivery/manual-clock';
import { API, BOT, LockGround, NEXT } from './lock-ground';

test('two deployments at once: the second starts when the first has ended, and both tags are kept', async () => {
  const ground = await LockGround.open();
  const clock = new ManualClock();
  const first = await ground.lock(clock).take({ owner: 'todo-api', run: '1.1' });
  await ground.writer(clock).set([{ target: API, tag: NEXT }], { lock: first });
  // The rollout of the first takes 40 s.
  const waiting = new ManualClock(async (now) => {
    if (now === 40_000) await first.release();
  });
  const second = await ground.lock(waiting).take({ owner: 'todo-bot', run: '2.1' });
  expect(waiting.now()).toBe(40_000);
  await ground.writer(waiting).set([{ target: BOT, tag: NEXT }], { lock: second });
  expect([await ground.tagOf(API), await ground.tagOf(BOT)]).toEqual([NEXT, NEXT]);
});
