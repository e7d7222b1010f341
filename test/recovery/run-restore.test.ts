import { type Restoring, runRestore } from '../../recovery/run-restore';

/** Its sleeps take no time, and are counted. */
function clockOf(onSleep: (slept: number) => void = () => undefined) {
  let time = 0;
  let slept = 0;
  return {
    now: () => time,
    sleep: async (milliseconds: number, signal?: AbortSignal) => {
      time += milliseconds;
      slept += 1;
      onSleep(slept);
      signal?.throwIfAborted();
    },
  };
}

function restoring(said: string[], application: Partial<Restoring['application']>, signal?: AbortSignal): Restoring {
  const identity = { nodeName: 'vm', address: '10.0.0.2', certificateNames: ['vm'] };
  const stack = { plan: async () => ({ empty: true, changes: [] }) };
  return {
    env: 'prod',
    layers: [{ layer: '00-vpc', stack: stack as never }],
    identity: identity as never,
    application: {
      node: async () => identity,
      clusterRecord: async () => ({ id: 'one', volumes: [] }),
      assertSynced: async () => ({ revision: 'r', pods: [] }),
      ...application,
    } as never,
    fetchKubeconfig: async () => undefined,
    connected: (work) => work(),
    begin: (step) => said.push(step),
    ...(signal && { signal }),
  };
}

const notSynced = {
  assertSynced: async () => {
    throw new Error('threads is OutOfSync');
  },
};

test('what the application lacks is told once, and ends the restore after 15 minutes', async () => {
  const said: string[] = [];
  await expect(runRestore(restoring(said, notSynced), clockOf())).rejects.toThrow(
    'threads is OutOfSync; this was the last of the attempts in 15 minutes',
  );
  expect(said).toEqual([
    'apply 00-vpc',
    'wait for the VM, and fetch the kubeconfig',
    'verify the restored VM',
    'wait for the application',
    '  not yet: threads is OutOfSync',
  ]);
});

test('an interruption ends the wait for the application', async () => {
  const interruption = new AbortController();
  const clock = clockOf((slept) => slept === 2 && interruption.abort(new Error('interrupted')));
  await expect(runRestore(restoring([], notSynced, interruption.signal), clock)).rejects.toThrow('interrupted');
  expect(clock.now()).toBe(10_000);
});
