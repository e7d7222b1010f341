import { accept } from '../../../delivery/accept/accept';
import { temporaryFolder } from '../../helpers/synth';
import { Scene } from '../ship/scene';

const folder = temporaryFolder();
let scene: Scene;

async function open(broken: readonly string[] = []) {
  const place = { platform: 'techtorque', env: 'prod', service: 'time-logging', tag: 'main-aaaaaaa' };
  scene = await Scene.open({ ...place, image: 'ghcr.io/techtorque-2025/time-logging', broken }, folder);
  Object.assign(scene.cluster.objects, { persistentvolumeclaims: { items: [] } });
}
afterEach(() => scene?.close());

const results = async (options = {}) =>
  Object.fromEntries((await accept(scene.tools(), options)).map(({ name, ...rest }) => [name, rest]));

test('an environment that is up passes every point that a machine can walk, and says what is left to a person', async () => {
  await open();
  const found = await results();
  expect(found).toMatchObject({
    'overlays build': { result: 'pass', detail: '1 of 1' },
    'images are in the registry': { result: 'pass', detail: '1 own images' },
    'deploy-control.yaml allows what it should': {
      result: 'pass',
      detail: 'auto_deploy false, require_manual_approval true',
    },
    'manifests pass the API server': { result: 'pass' },
    'running images and pods are as in Git': { result: 'pass', detail: '1 workloads' },
    'pods, claims and services are ready': { result: 'pass' },
    'databases are listed': { result: 'pass', detail: 'the environment has no separate database' },
    'a deleted pod comes back': { result: 'person', detail: 'run this again with --failover' },
  });
  expect(found['secrets of GitHub are set']).toMatchObject({
    result: 'person',
    detail: expect.stringContaining('REPO_ACCESS_TOKEN'),
  });
  expect(Object.values(found).filter(({ result }) => result === 'fail')).toEqual([]);
  expect(scene.cluster.calls.filter((call) => !call.includes('--dry-run=server'))).toEqual([]);
});

test('what is broken fails at its own point, and the others are walked all the same', async () => {
  await open(['main-aaaaaaa']);
  scene.cluster.forbidden.push('apply');
  Object.assign(scene.cluster.objects, {
    persistentvolumeclaims: { items: [{ metadata: { name: 'data' }, status: { phase: 'Pending' } }] },
  });
  scene.registry.account = { username: 'ci', password: 'right' };
  const found = await results();
  expect(found).toMatchObject({
    'overlays build': { result: 'pass' },
    'images are in the registry': {
      result: 'fail',
      detail: expect.stringContaining('registry ghcr.io refused GET'),
    },
    'manifests pass the API server': { result: 'fail', detail: expect.stringContaining('Forbidden') },
    'running images and pods are as in Git': { result: 'fail', detail: 'deployment/web: 0 of 1 pods are ready' },
    'pods, claims and services are ready': { result: 'fail', detail: 'claim data is Pending, not Bound' },
  });
});

test('with --failover a pod of each workload is deleted and awaited', async () => {
  await open();
  Object.assign(scene.cluster.objects, {
    pods: { items: [{ metadata: { name: 'web-0' }, status: { conditions: [{ type: 'Ready', status: 'True' }] } }] },
  });
  const found = await results({ failover: true });
  expect(found['a deleted pod comes back']).toEqual({ result: 'pass', detail: 'deployment/web' });
  expect(scene.cluster.calls).toContain('delete pod web-0 --namespace=shop');
});
