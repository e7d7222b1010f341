import { Kubectl, KubectlError } from '../../../clients/kubectl';
import { DeploymentLease } from '../../../delivery/push-apply/lease';
import { JumpingClock } from '../rollout/fake-cluster';

interface Stored {
  metadata: { resourceVersion: string; annotations?: Record<string, string> };
  spec: { holderIdentity?: string };
}

/** An API server with one Lease. */
class LeaseServer extends Kubectl {
  lease: Stored | undefined;
  private version = 0;
  /** Called before each change arrives. */
  before: () => void = () => undefined;

  constructor() {
    super({ kubeconfig: '/nowhere' });
  }

  put(lease: Stored): void {
    this.lease = { ...lease, metadata: { ...lease.metadata, resourceVersion: String(++this.version) } };
  }

  override async run([verb = '', ...args]: readonly string[], input = ''): Promise<string> {
    const refuse = (reason: string) => {
      throw new KubectlError([verb, ...args], `Error from server (${reason}): leases`);
    };
    if (verb === 'get') return this.lease ? JSON.stringify(this.lease) : refuse('NotFound');
    this.before();
    const wanted = JSON.parse(input) as Stored;
    if (verb === 'create' && this.lease) return refuse('AlreadyExists');
    if (verb === 'replace' && wanted.metadata.resourceVersion !== this.lease?.metadata.resourceVersion)
      return refuse('Conflict');
    this.put(wanted);
    return JSON.stringify(this.lease);
  }
}

/** A clock whose background renewals never come due: a wait of theirs lasts until it is aborted. */
class Clock extends JumpingClock {
  override async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (!signal) return super.sleep(ms);
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  }
}

const server = () => new LeaseServer();
const options = (kubectl: Kubectl, holder: string, clock = new Clock()) => ({
  kubectl,
  clock,
  holder,
  namespace: 'default',
  name: 'real-estate-test',
});

test('the first creates it, a second waits until it is free', async () => {
  const api = server();
  const first = await DeploymentLease.take(options(api, 'one'));
  const clock = new Clock();
  const waits: string[] = [];
  clock.onSleep = (ms) => {
    if (ms === 30_000) void first.release();
  };
  const second = await DeploymentLease.take({ ...options(api, 'two', clock), onWait: (line) => waits.push(line) });
  expect(api.lease?.spec.holderIdentity).toBe('two');
  expect(waits[0]).toMatch(
    /^lease real-estate-test is held by one since 2026-01-05T00:00:00.000000Z; two has waited 0 s$/,
  );
  await second.release();
  expect(api.lease?.spec.holderIdentity).toBe('');
});

test('a wait ends after five minutes with who holds it, and takes nothing', async () => {
  const api = server();
  await DeploymentLease.take(options(api, 'one'));
  const clock = new Clock();
  clock.onSleep = () => api.lease && api.put(api.lease);
  await expect(DeploymentLease.take(options(api, 'two', clock))).rejects.toMatchObject({
    message: expect.stringMatching(/is held by one .* two has waited 300 s; run this again later$/),
    exitCode: 3,
  });
  expect(api.lease?.spec.holderIdentity).toBe('one');
});

test('of two who take it at once one is refused, and waits', async () => {
  const api = server();
  api.before = () => {
    api.before = () => undefined;
    api.put({ metadata: { resourceVersion: '' }, spec: { holderIdentity: 'faster' } });
  };
  const waits: string[] = [];
  await DeploymentLease.take({ ...options(api, 'slower'), onWait: (line) => waits.push(line) });
  expect(waits[0]).toContain('is held by faster');
});

test('who has lost it writes nothing more, and does not free it for the other', async () => {
  const api = server();
  const lease = await DeploymentLease.take(options(api, 'one'));
  api.put({ metadata: { resourceVersion: '' }, spec: { holderIdentity: 'two' } });
  await expect(lease.remember({ deployedCommit: 'c1' })).rejects.toThrow(
    'lease real-estate-test is lost: two has changed it',
  );
  expect(lease.lost.aborted).toBe(true);
  await lease.release();
  expect(api.lease?.spec.holderIdentity).toBe('two');
});

test('what a deployment remembers is there for the next one', async () => {
  const api = server();
  const first = await DeploymentLease.take(options(api, 'one'));
  await first.remember({ deployedCommit: 'c1' });
  await first.remember({ forcedConflicts: 'ann: the operator was replaced' });
  await first.release();
  const second = await DeploymentLease.take(options(api, 'two'));
  expect(second.memory).toEqual({ deployedCommit: 'c1', forcedConflicts: 'ann: the operator was replaced' });
});

test('a holder that has not renewed it for three minutes is replaced', async () => {
  const api = server();
  api.put({ metadata: { resourceVersion: '' }, spec: { holderIdentity: 'dead' } });
  const clock = new Clock();
  await DeploymentLease.take(options(api, 'next', clock));
  expect(api.lease?.spec.holderIdentity).toBe('next');
  expect(clock.now()).toBe(180_000);
});

test('a holder that cannot renew it ends before somebody else may begin', async () => {
  const api = server();
  const clock = new JumpingClock();
  api.before = () => {
    if (clock.now() > 0) throw new Error('the API server does not answer');
  };
  const lease = await DeploymentLease.take(options(api, 'one', clock as Clock));
  await new Promise((resolve) => lease.lost.addEventListener('abort', resolve));
  expect(clock.now()).toBe(120_000);
});
