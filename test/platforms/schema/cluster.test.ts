import { architectureOf, storageClassOf } from '../../../platforms/schema/cluster';
import { vmOf } from '../../../platforms/schema/environment';
import threads from '../../../platforms/threads/platform';

const hetzner = (machineType: string) => ({ kind: 'hetzner-k3s', name: 'shop-dev', machineType }) as const;

test('machines know their architecture by their type', () => {
  expect(architectureOf(vmOf(threads, 'prod'))).toBe('amd64');
  expect([architectureOf(hetzner('cpx31')), architectureOf(hetzner('cax21'))]).toEqual(['amd64', 'arm64']);
});

test("every cluster has a storage class: ours, its provider's, or the one it says", () => {
  expect(storageClassOf(vmOf(threads, 'prod'))).toBe('local-path');
  expect(storageClassOf(hetzner('cpx31'))).toBe('hcloud-volumes');
  const given = { path: '~/.kube/config', context: 'kind-shop', architecture: 'amd64' } as const;
  expect(storageClassOf({ kind: 'kubeconfig', ...given, storageClass: 'standard' })).toBe('standard');
});
