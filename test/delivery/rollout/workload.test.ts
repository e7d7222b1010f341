import { imageDifferences, progressOf, runs, type Workload, workloadsIn } from '../../../delivery/rollout/workload';
import { workload } from './fake-cluster';

const IMAGE = 'ghcr.io/team/web:abc1234';
const stalled = [{ type: 'Progressing', reason: 'ProgressDeadlineExceeded', message: 'it has timed out progressing.' }];

test.each<[string, 'Deployment' | 'StatefulSet', Workload['status'], string, string]>([
  ['all pods ready', 'Deployment', {}, 'done', '1 of 1 pods are ready'],
  [
    'a change not seen yet',
    'Deployment',
    { observedGeneration: 1 },
    'waiting',
    'its controller has not processed the change yet',
  ],
  ['old pods only', 'Deployment', { updatedReplicas: 0 }, 'waiting', '0 of 1 pods are updated'],
  ['an old pod that is ending', 'Deployment', { replicas: 2 }, 'waiting', '1 old pods are still terminating'],
  ['a new pod that is not ready', 'Deployment', { availableReplicas: 0 }, 'waiting', '0 of 1 pods are ready'],
  ['a deadline of its own', 'Deployment', { conditions: stalled }, 'failed', 'it has timed out progressing.'],
  [
    'the deadline of an older change',
    'Deployment',
    { observedGeneration: 1, conditions: stalled },
    'waiting',
    'has not processed',
  ],
  ['all pods ready', 'StatefulSet', { availableReplicas: 0 }, 'done', '1 of 1 pods are ready'],
  ['a pod that is not ready', 'StatefulSet', { readyReplicas: 0 }, 'waiting', '0 of 1 pods are ready'],
])('%s of a %s: %#', (_, kind, status, state, message) => {
  const progress = progressOf(workload(kind, IMAGE, status));
  expect(progress.state).toBe(state);
  expect(progress.message).toContain(`${kind.toLowerCase()}/web: `);
  expect(progress.message).toContain(message);
});

test('a partition keeps the pods below it at their old revision', () => {
  const set = workload('StatefulSet', IMAGE, { updatedReplicas: 1, readyReplicas: 3, replicas: 3 });
  const spec = { ...set.spec, replicas: 3, updateStrategy: { rollingUpdate: { partition: 2 } } };
  expect(progressOf({ ...set, spec }).state).toBe('done');
});

test('images are compared container by container', () => {
  const wanted = workload('Deployment', IMAGE);
  expect(imageDifferences(wanted, workload('Deployment', IMAGE))).toEqual([]);
  expect(imageDifferences(wanted, undefined)).toEqual(['deployment/web does not exist']);
  expect(imageDifferences(wanted, workload('Deployment', 'ghcr.io/team/web:old0000'))).toEqual([
    'deployment/web: wants ghcr.io/team/web:abc1234, has ghcr.io/team/web:old0000',
  ]);
});

test('workloads are found in what kustomize has built, and know their namespace', () => {
  const manifests = [workload('Deployment', IMAGE), { kind: 'Service', metadata: { name: 'web' } }]
    .map((object) => JSON.stringify(object))
    .join('\n---\n');
  const [found, ...others] = workloadsIn(manifests, 'other');
  expect([found?.metadata.namespace, others]).toEqual(['shop', []]);
  expect(found && runs(found, 'ghcr.io/team/web')).toBe(true);
  expect(found && runs(found, 'ghcr.io/team/we')).toBe(false);
});
