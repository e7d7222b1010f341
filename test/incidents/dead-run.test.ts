import { LockLostError } from '../../delivery/lock/held-lock';
import { ManualClock } from '../delivery/manual-clock';
import { API, BOT, LockGround, NEXT, OLD } from './lock-ground';

let ground: LockGround;
beforeEach(async () => {
  ground = await LockGround.open();
});

test('lock left behind by a dead run: whoever has seen it unchanged for the lease takes it over', async () => {
  await ground.lock(new ManualClock()).take({ owner: 'todo-api', run: '1.1' });
  const clock = new ManualClock();
  const lock = await ground.lock(clock, { wait: 1_200_000 }).take({ owner: 'todo-bot', run: '2.1' });
  expect(await ground.writer(clock).set([{ target: BOT, tag: NEXT }], { lock })).toMatchObject({ outcome: 'written' });
});

test('lock left behind by a dead run that is not dead: its late tag is refused', async () => {
  const clock = new ManualClock();
  const asleep = await ground.lock(clock).take({ owner: 'todo-api', run: '1.1' });
  await ground.lock(clock).break({ owner: 'jane', run: 'manual' }, 'the runner is gone');
  const set = ground.writer(clock).set([{ target: API, tag: NEXT }], { lock: asleep });
  await expect(set).rejects.toBeInstanceOf(LockLostError);
  expect(await ground.tagOf(API)).toBe(OLD);
});
