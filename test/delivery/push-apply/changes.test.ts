import { affectedEnvironments } from '../../../delivery/push-apply/changes';
import realEstate from '../../../platforms/real-estate/platform';

test.each([
  ['an overlay', ['k8s/real-estate/hetzner/test/patches/postgres-storage.yaml'], ['test']],
  ['two overlays', ['k8s/real-estate/hetzner/test/a.yaml', 'k8s/real-estate/podman/local/b.yaml'], ['test', 'local']],
  ['the base', ['k8s/real-estate/base/postgres.statefulset.yaml'], ['prod', 'test', 'local']],
  ['a component', ['k8s/real-estate/components/backup/kustomization.yaml'], ['prod', 'test', 'local']],
  ['owners of CRDs', ['k8s/real-estate/infrastructure/monitoring/kustomization.yaml'], ['prod', 'test', 'local']],
  ['deploy-control.yaml', ['platforms/real-estate/deploy-control.yaml'], ['prod', 'test', 'local']],
  ['an environment of Argo CD', ['k8s/real-estate/hetzner/dev/kustomization.yaml'], []],
  ['a cluster', ['k8s/real-estate/hetzner/prod/cluster/cluster-config.yaml'], []],
  ['another platform', ['k8s/threads/base/kustomization.yaml', 'README.md'], []],
])('%s concerns the environments that it is part of', (_, files, envs) => {
  expect(affectedEnvironments(realEstate, files).map(({ env }) => env)).toEqual(envs);
});

test('the file that concerns an environment is named', () => {
  const files = ['README.md', 'k8s/real-estate/hetzner/test/kustomization.yaml'];
  expect(affectedEnvironments(realEstate, files)).toEqual([{ env: 'test', file: files[1] }]);
});

test.each([
  ['the base on the branch of one', ['k8s/real-estate/base/a.yaml'], 'test', ['test']],
  [
    'deploy-control.yaml where the gate reads it',
    ['platforms/real-estate/deploy-control.yaml'],
    'main',
    ['prod', 'test', 'local'],
  ],
  ['deploy-control.yaml where nobody reads it', ['platforms/real-estate/deploy-control.yaml'], 'feature', []],
  ['anything on a branch that nothing follows', ['k8s/real-estate/base/a.yaml'], 'feature', []],
])('%s concerns the environments that follow the branch', (_, files, branch, envs) => {
  expect(affectedEnvironments(realEstate, files, branch).map(({ env }) => env)).toEqual(envs);
});
