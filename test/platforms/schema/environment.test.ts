import { definePlatform } from '../../../platforms/schema/define-platform';
import {
  applicationOf,
  kubeconfigOf,
  layersOf,
  namespaceOf,
  repositoryOf,
  stackOf,
  stateOf,
  vmOf,
} from '../../../platforms/schema/environment';
import { secretsOf } from '../../../platforms/schema/secrets';
import { changed } from '../../helpers/platform';

const platform = definePlatform(changed({}));

test.each([
  ['prod', ['00-vpc', '01-k8s', '02-argocd-app']],
  ['local', ['01-k8s', '02-argocd-app']],
  ['dev', []],
])('%s has the layers %j: no machine that exists already, no Argo CD where CI applies', (env, layers) => {
  expect(layersOf(platform, env)).toEqual(layers);
});

test('what needs a VM refuses a cluster that is none', () => {
  expect(vmOf(platform, 'prod').tunnelPort).toBe(16_443);
  expect(() => vmOf(platform, 'local')).toThrow(
    new Error(
      'environment "local" of platform "shop" runs on a cluster of kind "kubeconfig", which Strata does not create: kubeconfig, ' +
        'tunnel, snapshot and restore need kind "k0s-vm"; ' +
        'use kubectl --kubeconfig ~/.kube/config --context kind-shop',
    ),
  );
});

test('an environment follows the platform unless it says otherwise', () => {
  const own = definePlatform(changed({ 'environments.dev.namespace': 'shop-dev', 'environments.dev.branch': 'dev' }));
  expect([namespaceOf(own, 'dev'), namespaceOf(own, 'prod')]).toEqual(['shop-dev', 'shop']);
  expect(repositoryOf(own, 'dev')).toMatchObject({ branch: 'dev', path: 'k8s/shop/overlays/dev' });
  expect(repositoryOf(own, 'prod').branch).toBe('main');
  expect([stateOf(own, 'local').kind, stateOf(own, 'prod').kind]).toEqual(['local', 'gcs']);
});

test('states that exist already keep their prefix, where no other environment has it', () => {
  const only = definePlatform(
    changed({ 'environments.prod.state': { kind: 'gcs', prefix: '<layer>/state' }, 'state.bucket': 'terraform-state' }),
  );
  expect(stateOf(only, 'prod')).toEqual({ kind: 'gcs', bucket: 'terraform-state', prefix: '<layer>/state' });
  expect(stateOf(only, 'staging')).toEqual({
    kind: 'gcs',
    bucket: 'terraform-state',
    prefix: 'shop/<env>/<layer>/state',
  });
});

test('one environment with layers in the bucket needs no <env> in the prefix', () => {
  const platform = changed({ 'state.prefix': '<layer>/state', 'environments.staging': null });
  expect(stateOf(definePlatform(platform), 'prod')).toMatchObject({ prefix: '<layer>/state' });
});

test('an existing cluster is reached by its context, a k0s-vm by a separate file', () => {
  expect(kubeconfigOf(platform, 'local')).toEqual({ path: '~/.kube/config', context: 'kind-shop' });
  expect(kubeconfigOf(platform, 'prod')).toEqual({ path: '~/.kube/strata/shop-prod.yaml' });
});

test('a tunnel and Image Updater bring the secrets that they need', () => {
  expect(secretsOf(platform, 'prod')).toEqual(['db-password', 'tunnel-token']);
  expect(secretsOf(platform, 'staging')).toEqual(['db-password', 'git-deploy-key']);
  expect(secretsOf(platform, 'local')).toEqual(['db-password']);
  expect(secretsOf(platform, 'dev')).toEqual([]); // CI puts GitHub's into the manifests
  const saved = definePlatform(changed({ 'environments.staging.backup': { keepDays: 7 } }));
  expect(secretsOf(saved, 'staging').slice(-2)).toEqual([
    'object-storage-access-key-id',
    'object-storage-secret-access-key',
  ]);
});

test('environments on one cluster share the platform layer of the first, and have separate layers otherwise', () => {
  const cluster = { kind: 'kubeconfig', context: 'kind-shop', architecture: 'amd64', storageClass: 'standard' };
  const own = definePlatform(
    changed({
      'environments.dev': {
        cluster: { ...cluster, path: '~/.kube/config' },
        delivery: { kind: 'ci-commit', lock: false, gate: false },
        namespace: 'shop-dev',
        application: 'shop-dev',
        path: 'k8s/shop/laptop/<env>',
      },
    }),
  );
  expect(stackOf(own, 'local', '01-k8s')).toBe('k8s-dev');
  expect(stackOf(own, 'local', '02-argocd-app')).toBe('argocd-app-local');
  expect(stackOf(own, 'prod', '01-k8s')).toBe('k8s-prod');
  expect([applicationOf(own, 'dev'), applicationOf(own, 'local')]).toEqual(['shop-dev', 'shop']);
  expect(repositoryOf(own, 'dev').path).toBe('k8s/shop/laptop/dev');
});
