import { Kubectl, KubectlError } from '../../../clients/kubectl';
import { applyManifests } from '../../../delivery/push-apply/apply';
import { FailedError, RefusedError } from '../../../errors';
import { JumpingClock } from '../rollout/fake-cluster';

/** An API server that refuses as many applies as it is given errors, and answers every `get` with one object. */
class RefusingCluster extends Kubectl {
  readonly applies: (readonly string[])[] = [];

  constructor(
    private readonly errors: string[] = [],
    private readonly object: object = { kind: 'HelmChart', metadata: { name: 'operator' } },
  ) {
    super({ kubeconfig: '/nowhere' });
  }

  override async run(args: readonly string[], input = ''): Promise<string> {
    if (args[0] === 'get') return JSON.stringify(this.object);
    this.applies.push(args);
    const error = input === 'overlay' ? this.errors.shift() : undefined;
    if (error) throw new KubectlError(args, error);
    return `${input}/applied\n`;
  }
}

const CONFLICT =
  'error: Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using apps/v1: .spec.replicas';

test('a field of another manager is taken over only where that is asked for', async () => {
  const cluster = new RefusingCluster([CONFLICT]);
  const options = { kubectl: cluster, clock: new JumpingClock() };
  const refused = applyManifests({ overlay: 'overlay' }, options);
  await expect(refused).rejects.toThrow(RefusedError);
  await expect(refused).rejects.toThrow(/^another field manager owns fields that would change:\nerror: Apply failed/);
  await applyManifests({ overlay: 'overlay' }, { ...options, forceConflicts: true });
  expect(cluster.applies.map((args) => args.includes('--force-conflicts'))).toEqual([false, true]);
});

test('an overlay waits for the operators, and fails at once where one cannot be installed', async () => {
  const early = 'error: no matches for kind "Cluster" in version "postgresql.cnpg.io/v1"';
  const manifests = { infrastructure: 'operators', overlay: 'overlay' };
  const clock = new JumpingClock();
  const waiting = new RefusingCluster([early, early]);
  expect(await applyManifests(manifests, { kubectl: waiting, clock })).toEqual([
    'operators/applied',
    'overlay/applied',
  ]);
  expect(clock.now()).toBe(4000);
  const conditions = [{ type: 'Failed', status: 'True', message: 'chart not found' }];
  const broken = new RefusingCluster([early], {
    kind: 'HelmChart',
    metadata: { name: 'cnpg' },
    status: { conditions },
  });
  const failed = applyManifests(manifests, { kubectl: broken, clock });
  await expect(failed).rejects.toThrow(FailedError);
  await expect(failed).rejects.toThrow('an operator could not be installed: HelmChart cnpg: chart not found');
  expect(broken.applies).toHaveLength(2);
});
