import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isNamedByGoogle } from '../../../terraform/doctor/google-named';
import { IMPORTABLE, importIdOf } from '../../../terraform/doctor/import-ids';

/** Creating one that exists succeeds and changes nothing. */
const IDEMPOTENT = /_iam_member$|^google_project_service$/;

/** Types without an object in any cloud. */
const ONLY_IN_STATE = /^(time|random|null|tls)_/;

/** Types of all synthesised stacks in the golden files. */
function typesOfLayers(): string[] {
  const files = readdirSync('test/golden', { recursive: true, encoding: 'utf8' }).filter((file) =>
    /(vpc|k8s|argocd-app)-\w+\.json$/.test(file),
  );
  const stacks = files.map(
    (file) => JSON.parse(readFileSync(join('test/golden', file), 'utf8')) as { resource?: Record<string, object> },
  );
  return [...new Set(stacks.flatMap(({ resource = {} }) => Object.keys(resource)))].sort();
}

test('every type of our layers can be found if it is an orphan', () => {
  const types = typesOfLayers();
  expect(types.length).toBeGreaterThan(30);
  const unknown = types.filter(
    (type) =>
      !IMPORTABLE.includes(type) && !isNamedByGoogle(type) && !IDEMPOTENT.test(type) && !ONLY_IN_STATE.test(type),
  );
  expect(unknown).toEqual([]);
});

test.each([
  ['google_compute_network', { project: 'p', name: 'n' }, 'projects/p/global/networks/n'],
  ['google_service_account', { account_id: 'a' }, 'projects/default/serviceAccounts/a@default.iam.gserviceaccount.com'],
  ['google_logging_metric', { project: 'p', name: 'm' }, 'p m'],
  ['helm_release', { namespace: 'argocd', name: 'argo-cd' }, 'argocd/argo-cd'],
  ['kubernetes_namespace_v1', { metadata: [{ name: 'argocd' }] }, 'argocd'],
  ['kubernetes_role_v1', { metadata: [{ namespace: 'argocd', name: 'reader' }] }, 'argocd/reader'],
  [
    'kubernetes_manifest',
    { manifest: { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'argocd', name: 's' } } },
    'apiVersion=v1,kind=Secret,namespace=argocd,name=s',
  ],
  [
    'kubernetes_manifest',
    { manifest: { apiVersion: 'a/v1', kind: 'ClusterSecretStore', metadata: { name: 's' } } },
    'apiVersion=a/v1,kind=ClusterSecretStore,name=s',
  ],
])('%s is imported by its name', (type, planned, id) => {
  expect(importIdOf(type, planned, { project: 'default' })).toBe(id);
});

test('a resource whose name is not known yet has no id, and neither has a type without a rule', () => {
  expect(importIdOf('google_compute_network', { project: 'p' })).toBeUndefined();
  expect(importIdOf('google_project_iam_member', { project: 'p', role: 'r', member: 'm' })).toBeUndefined();
});
