import { ManualClock } from '../delivery/manual-clock';
import { API, LockGround, NEXT } from './lock-ground';

test('lock released by someone who does not hold it: the clean-up step of a run that never got it frees nothing', async () => {
  const ground = await LockGround.open();
  const clock = new ManualClock();
  const first = await ground.lock(clock).take({ owner: 'todo-api', run: '1.1' });
  const second = ground.lock(clock);
  await expect(second.take({ owner: 'todo-bot', run: '2.1' })).rejects.toThrow(/is held by todo-api/);
  await expect(second.release({ owner: 'todo-bot', run: '2.1' })).rejects.toThrow(/only the holder can release it/);
  expect((await second.status()).record).toMatchObject({ state: 'held', owner: 'todo-api' });
  expect(await ground.writer(clock).set([{ target: API, tag: NEXT }], { lock: first })).toMatchObject({
    outcome: 'written',
  });
});
