import type { Cluster } from '../../../kubernetes/api-server/cluster';
import { refOf } from '../../../kubernetes/api-server/reference';
import { runnerScaleSets } from '../../../kubernetes/operators/runner-scale-sets';
import type { KubernetesObject } from '../../../world';
import { namesOf, operatorCluster, put } from './ground';

let cluster: Cluster;
beforeEach(async () => {
  cluster = await operatorCluster(runnerScaleSets, 'gha-runner-scale-set-controller');
});

const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'app', namespace: 'default' } };

const scaleSet = (minRunners: number): KubernetesObject => ({
  apiVersion: 'actions.github.com/v1alpha1',
  kind: 'AutoscalingRunnerSet',
  metadata: { name: 'runners', namespace: 'default' },
  spec: {
    githubConfigSecret: 'app',
    minRunners,
    template: { spec: { containers: [{ name: 'runner', image: 'acme/runner:1' }] } },
  },
});

const runners = () => namesOf(cluster, '', 'Pod').filter((name) => name.includes('runner-'));
const listeners = () => namesOf(cluster, '', 'Pod', 'operators').filter((name) => name.endsWith('-listener'));

test('a scale set becomes a listener in the namespace of its controller and as many runners as it asks for at least', async () => {
  await put(cluster, secret, scaleSet(2));
  expect(listeners()).toHaveLength(1);
  expect(runners()).toHaveLength(2);
  expect(cluster.get(refOf(scaleSet(2)))?.['status']).toMatchObject({ phase: 'Running', currentRunners: 2 });
});

test('it waits for the Secret by which it speaks to GitHub', async () => {
  await put(cluster, scaleSet(1));
  expect(runners()).toEqual([]);
  expect(cluster.get(refOf(scaleSet(1)))?.['status']).toMatchObject({ message: 'Secret app not found' });
  await put(cluster, secret);
  expect(runners()).toHaveLength(1);
});

test('fewer runners at least take some away, and a deleted scale set takes all and its listener', async () => {
  await put(cluster, secret, scaleSet(2));
  await put(cluster, scaleSet(1));
  expect(runners()).toHaveLength(1);
  cluster.delete(refOf(scaleSet(1)));
  await cluster.settled();
  expect([...runners(), ...listeners()]).toEqual([]);
});
