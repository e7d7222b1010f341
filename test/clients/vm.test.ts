import { readVm } from '../../clients/vm';
import threads from '../../platforms/threads/platform';

const clientsThat = (get: () => Promise<unknown>) => ({ compute: { instances: { get } } }) as never;
const refusal = (status: number) => async () => {
  throw Object.assign(new Error(`status ${status}`), { status });
};

test('a VM that does not exist is absent', async () => {
  expect(await readVm(clientsThat(refusal(404)), threads, 'prod')).toEqual({ value: { state: 'absent' } });
});

test.each([401, 403, 500])('an error %d is not taken for a VM that does not exist', async (status) => {
  expect(await readVm(clientsThat(refusal(status)), threads, 'prod')).toEqual({ problem: `status ${status}` });
});

test('decides by the clock of the cloud whether the VM should be awake', async () => {
  const at = (date: string) => clientsThat(async () => ({ data: { status: 'TERMINATED' }, headers: { date } }));
  expect(await readVm(at('Mon, 05 Jan 2026 02:00:00 GMT'), threads, 'prod')).toEqual({ value: { state: 'preempted' } });
  expect(await readVm(at('Mon, 05 Jan 2026 14:00:00 GMT'), threads, 'prod')).toEqual({
    value: { state: 'asleep', until: '09:00 Asia/Taipei' },
  });
});

test('an existing cluster has no VM', async () => {
  expect(await readVm(clientsThat(refusal(500)), threads, 'local')).toBeUndefined();
});
