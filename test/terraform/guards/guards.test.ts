import { GUARDS, runGuards } from '../../../terraform/guards/all';
import type { GuardInput, ManifestObject } from '../../../terraform/guards/guard';
import type { ResourceChange } from '../../../terraform/plan';
import { planJson, resourceChange } from '../../helpers/plans';

const NOW = new Date('2026-01-05T09:00:00Z');
const hoursAgo = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000);
const KEEP = 'installCRDs: true\ncrds:\n  annotations:\n    helm.sh/resource-policy: keep\n';

type Plan = readonly [address: string, change: Parameters<typeof resourceChange>[1]];
type Overlay = readonly [before: readonly ManifestObject[], after: readonly ManifestObject[]];

function input(
  plans: readonly Plan[],
  overlay?: Overlay,
  facts: Partial<GuardInput['facts']> = {},
  deployed = true,
): GuardInput {
  const changes: ResourceChange[] = plans.map(([address, change]) => resourceChange(address, change));
  return {
    layers: [{ layer: '00-vpc', json: planJson(deployed ? { env: 'prod' } : {}, changes) }],
    ...(overlay && { overlays: [{ path: 'k8s/threads/overlays/prod', before: overlay[0], after: overlay[1] }] }),
    facts: { now: NOW, stateBucket: 'states', snapshots: [], ...facts },
  };
}

const hits = (given: GuardInput) =>
  runGuards(given).map(({ guard, subject, message }) => `${guard} ${subject}: ${message}`);

const object = (kind: string, name: string, more: object = {}, apiVersion = 'v1'): ManifestObject => ({
  apiVersion,
  kind,
  metadata: { name },
  ...more,
});
const kept = (kind: string, name: string): ManifestObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, annotations: { 'argocd.argoproj.io/sync-options': 'Delete=false, Prune=false' } },
});
const application = (
  more: { source?: object; automated?: object; finalizers?: string[]; namespace?: string } = {},
) => ({
  manifest: {
    kind: 'Application',
    metadata: { name: 'threads', ...(more.finalizers && { finalizers: more.finalizers }) },
    spec: {
      source: { repoURL: 'https://github.com/a/b.git', path: 'k8s', ...more.source },
      destination: { namespace: more.namespace ?? 'threads' },
      syncPolicy: { automated: { prune: true, ...more.automated } },
    },
  },
});
const firewall = (more: object) => ({
  direction: 'INGRESS',
  allow: [{ protocol: 'tcp' }],
  source_ranges: ['10.0.0.0/24'],
  ...more,
});
const role = (...verbs: string[]) => object('Role', 'reader', { rules: [{ verbs }] }, 'rbac.authorization.k8s.io/v1');
const CASCADE = 'resources-finalizer.argocd.argoproj.io';
const filler = (count: number) => Array.from({ length: count }, (_, index) => object('ConfigMap', `c${index}`));

test.each<[string, string, GuardInput]>([
  ['state-bucket', 'bucket states is destroyed', input([['google_storage_bucket.b', { before: { name: 'states' } }]])],
  [
    'state-bucket',
    'bucket states is destroyed',
    input([
      ['google_storage_bucket.b', { before: { name: 'states' }, after: { name: 'states' }, replaced: ['location'] }],
    ]),
  ],
  [
    'state-bucket',
    'no longer keeps versions',
    input([
      [
        'google_storage_bucket.b',
        {
          before: { name: 'states', versioning: [{ enabled: true }], public_access_prevention: 'enforced' },
          after: { name: 'states', versioning: [], public_access_prevention: 'enforced' },
        },
      ],
    ]),
  ],
  ['disk', 'it has no snapshot', input([['google_compute_disk.d', { before: { disk_id: '7' } }]])],
  [
    'disk',
    'it has no snapshot',
    input([['google_compute_disk.d', { before: { disk_id: '7' } }]], undefined, {
      snapshots: [{ sourceDiskId: '8', createdAt: NOW }],
    }),
  ],
  [
    'disk',
    'newest snapshot is 27 hours old',
    input([['google_compute_disk.d', { before: { disk_id: '7' } }]], undefined, {
      snapshots: [{ sourceDiskId: '7', createdAt: hoursAgo(27) }],
    }),
  ],
  [
    'disk',
    'could not be read',
    { ...input([['google_compute_disk.d', { before: { disk_id: '7' } }]]), facts: { now: NOW } },
  ],
  [
    'namespace',
    'namespace threads is deleted',
    input([['kubernetes_namespace_v1.n', { before: { metadata: [{ name: 'threads' }] } }]]),
  ],
  [
    'namespace',
    'claim data is deleted',
    input([['kubernetes_persistent_volume_claim_v1.c', { before: { metadata: [{ name: 'data' }] } }]]),
  ],
  [
    'namespace',
    'namespace threads is deleted',
    input([['kubernetes_manifest.n', { before: { manifest: { kind: 'Namespace', metadata: { name: 'threads' } } } }]]),
  ],
  ['namespace', 'namespace threads is deleted', input([], [[object('Namespace', 'threads'), ...filler(3)], filler(3)])],
  [
    'namespace',
    'StatefulSet postgres is deleted',
    input([], [[object('StatefulSet', 'postgres'), ...filler(3)], filler(3)]),
  ],
  [
    'crd',
    'the CRDs of apps.example.com are deleted',
    input([
      [
        'kubernetes_manifest.c',
        { before: { manifest: { kind: 'CustomResourceDefinition', metadata: { name: 'apps.example.com' } } } },
      ],
    ]),
  ],
  [
    'crd',
    'the CRDs of external-secrets.io are deleted',
    input([['helm_release.r', { before: { chart: 'external-secrets', values: ['installCRDs: true'] } }]]),
  ],
  [
    'crd',
    'the CRDs of argoproj.io are deleted',
    input([['helm_release.r', { before: { chart: 'argo-cd', values: ['crds: { keep: false }'] } }]]),
  ],
  [
    'crd',
    'it installs the CRDs of argoproj.io, which helm_release.old owns; set crds.install to false in one of them',
    input([
      ['helm_release.old', { after: { chart: 'argo-cd', values: [] }, actions: ['no-op'] }],
      ['helm_release.new', { after: { chart: 'argo/argo-cd', values: ['crds: { keep: true }'] } }],
    ]),
  ],
  ['crd', 'is pruned', input([], [[object('CustomResourceDefinition', 'apps.example.com'), ...filler(3)], filler(3)])],
  ['root-application', 'another one adopts', input([['kubernetes_manifest.a', { before: application() }]])],
  [
    'root-application',
    'its finalizer deletes everything',
    input([['kubernetes_manifest.a', { before: application({ finalizers: [CASCADE] }) }]]),
  ],
  [
    'root-application',
    'another path (k8s -> other)',
    input([['kubernetes_manifest.a', { before: application(), after: application({ source: { path: 'other' } }) }]]),
  ],
  [
    'root-application',
    'allowEmpty',
    input([
      ['kubernetes_manifest.a', { before: application(), after: application({ automated: { allowEmpty: true } }) }],
    ]),
  ],
  [
    'root-application',
    'deploys to namespace other',
    input([['kubernetes_manifest.a', { before: application(), after: application({ namespace: 'other' }) }]]),
  ],
  [
    'root-application',
    'it gets the finalizer',
    input([['kubernetes_manifest.a', { before: application(), after: application({ finalizers: [CASCADE] }) }]]),
  ],
  [
    'root-application',
    'Application todo-api is pruned',
    input([], [[object('Application', 'todo-api'), ...filler(3)], filler(3)]),
  ],
  ['empty-render', 'renders no object', input([], [filler(1), []])],
  ['empty-render', 'renders 5 objects instead of 10', input([], [filler(10), filler(5)])],
  [
    'open-to-world',
    'lets everybody in',
    input([['google_compute_firewall.f', { before: firewall({}), after: firewall({ source_ranges: ['0.0.0.0/0'] }) }]]),
  ],
  [
    'open-to-world',
    'lets everybody in',
    input([['google_compute_firewall.f', { after: firewall({ source_ranges: ['::/0'] }) }]]),
  ],
  [
    'open-to-world',
    'lets everybody in',
    input([['google_compute_firewall.f', { after: firewall({ source_ranges: ['0.0.0.0/1', '128.0.0.0/1'] }) }]]),
  ],
  [
    'open-to-world',
    'lets everybody in',
    input([['google_compute_firewall.f', { after: firewall({ source_ranges: [] }) }]]),
  ],
  [
    'open-to-world',
    'external address',
    input([
      [
        'google_compute_instance.vm',
        {
          before: { network_interface: [{ access_config: [] }] },
          after: { network_interface: [{ access_config: [{}] }] },
        },
      ],
    ]),
  ],
  [
    'open-to-world',
    'no longer prevents public access',
    input([
      [
        'google_storage_bucket.b',
        {
          before: { name: 'x', public_access_prevention: 'enforced' },
          after: { name: 'x', public_access_prevention: 'inherited' },
        },
      ],
    ]),
  ],
  [
    'open-to-world',
    'allUsers gets roles/storage.objectViewer',
    input([
      ['google_storage_bucket_iam_member.m', { after: { member: 'allUsers', role: 'roles/storage.objectViewer' } }],
    ]),
  ],
  [
    'open-to-world',
    'type LoadBalancer',
    input([], [[], [object('Service', 'web', { spec: { type: 'LoadBalancer' } })]]),
  ],
  [
    'identity',
    'user:eve gets roles/viewer',
    input([['google_project_iam_member.m', { after: { member: 'user:eve', role: 'roles/viewer' } }]]),
  ],
  [
    'identity',
    'gets roles/editor',
    input([
      [
        'google_project_iam_member.m',
        { before: { member: 'user:a', role: 'roles/viewer' }, after: { member: 'user:a', role: 'roles/editor' } },
      ],
    ]),
  ],
  [
    'identity',
    'user:b gets roles/viewer',
    input([
      [
        'google_project_iam_binding.m',
        {
          before: { members: ['user:a'], role: 'roles/viewer' },
          after: { members: ['user:a', 'user:b'], role: 'roles/viewer' },
        },
      ],
    ]),
  ],
  [
    'identity',
    'gets roles/owner',
    input(
      [['google_project_iam_member.m', { after: { member: 'user:eve', role: 'roles/owner' } }]],
      undefined,
      {},
      false,
    ),
  ],
  [
    'identity',
    'an identity gets roles/editor',
    input([['google_project_iam_member.m', { after: { role: 'roles/editor' }, after_unknown: { member: true } }]]),
  ],
  [
    'identity',
    'also allows compute.instances.delete',
    input([
      [
        'google_project_iam_custom_role.r',
        {
          before: { role_id: 'r', permissions: ['a'] },
          after: { role_id: 'r', permissions: ['a', 'compute.instances.delete'] },
        },
      ],
    ]),
  ],
  [
    'identity',
    'any repository',
    input([
      [
        'google_iam_workload_identity_pool_provider.p',
        { before: { attribute_condition: 'x' }, after: { attribute_condition: '' } },
      ],
    ]),
  ],
  [
    'identity',
    'others may sign in',
    input([
      [
        'google_iam_workload_identity_pool_provider.p',
        { before: { attribute_condition: 'x' }, after: { attribute_condition: 'y' } },
      ],
    ]),
  ],
  [
    'identity',
    'a key of a service account',
    input([['google_service_account_key.k', { after: { service_account_id: 'x' } }]]),
  ],
  [
    'identity',
    'in the cluster allows more',
    input([
      ['kubernetes_cluster_role_v1.r', { before: { rule: [{ verbs: ['get'] }] }, after: { rule: [{ verbs: ['*'] }] } }],
    ]),
  ],
  ['identity', 'Role allows more', input([], [[role('get')], [role('get', 'delete')]])],
  [
    'identity',
    'RoleBinding is new',
    input([], [[], [object('RoleBinding', 'b', { subjects: [{ name: 'eve' }] }, 'rbac.authorization.k8s.io/v1')]]),
  ],
])('%s refuses: %s', (guard, message, given) => {
  expect(hits(given)).toEqual([expect.stringMatching(new RegExp(`^${guard} .*${message.replace(/[()*]/g, '\\$&')}`))]);
});

test.each<[string, GuardInput]>([
  ['another bucket is destroyed', input([['google_storage_bucket.b', { before: { name: 'others' } }]])],
  [
    'a disk with a snapshot of the last 26 hours is destroyed',
    input([['google_compute_disk.d', { before: { disk_id: '7' } }]], undefined, {
      snapshots: [{ sourceDiskId: '7', createdAt: hoursAgo(26) }],
    }),
  ],
  ['a disk grows', input([['google_compute_disk.d', { before: { size: 50 }, after: { size: 60 } }]])],
  [
    'a namespace gets another label',
    input([
      ['kubernetes_namespace_v1.n', { before: { metadata: [{ name: 'a' }] }, after: { metadata: [{ name: 'a' }] } }],
    ]),
  ],
  [
    'a namespace that Argo CD keeps is no longer rendered',
    input([], [[kept('Namespace', 'threads'), ...filler(3)], filler(3)]),
  ],
  [
    'a chart goes that keeps its CRDs',
    input([['helm_release.r', { before: { chart: 'external-secrets', values: [KEEP] } }]]),
  ],
  [
    'a second release of a chart leaves the CRDs to the first',
    input([
      ['helm_release.old', { after: { chart: 'argo-cd', values: [] }, actions: ['no-op'] }],
      ['helm_release.new', { after: { chart: 'argo-cd', values: ['crds: { install: false }'] } }],
    ]),
  ],
  [
    'the release that owns CRDs changes in place',
    input([
      ['helm_release.r', { before: { chart: 'argo-cd', values: [] }, after: { chart: 'argo-cd', values: ['a: 1'] } }],
    ]),
  ],
  [
    'a release without its CRDs goes',
    input([['helm_release.r', { before: { chart: 'argo-cd', values: ['crds: { install: false, keep: false }'] } }]]),
  ],
  ['a chart without CRDs goes', input([['helm_release.r', { before: { chart: 'loki', values: [] } }]])],
  [
    'the Application reads another branch of the same path',
    input([
      ['kubernetes_manifest.a', { before: application(), after: application({ source: { targetRevision: 'next' } }) }],
    ]),
  ],
  ['less than half of the objects go', input([], [filler(10), filler(6)])],
  ['an overlay is new', input([], [[], filler(3)])],
  [
    'a firewall opens for a private network',
    input([['google_compute_firewall.f', { after: firewall({ source_ranges: ['10.0.0.0/8'] }) }]]),
  ],
  [
    'a firewall denies everybody',
    input([
      [
        'google_compute_firewall.f',
        { after: { direction: 'INGRESS', deny: [{}], allow: [], source_ranges: ['0.0.0.0/0'] } },
      ],
    ]),
  ],
  [
    'a firewall lets traffic out',
    input([['google_compute_firewall.f', { after: firewall({ direction: 'EGRESS', source_ranges: [] }) }]]),
  ],
  [
    'what was open stays open',
    input([
      [
        'google_compute_firewall.f',
        {
          before: firewall({ source_ranges: ['0.0.0.0/0'] }),
          after: firewall({ source_ranges: ['0.0.0.0/0'], priority: 1 }),
        },
      ],
    ]),
  ],
  [
    'what was open is closed',
    input([['google_compute_firewall.f', { before: firewall({ source_ranges: ['0.0.0.0/0'] }) }]]),
  ],
  [
    'a load balancer names its sources',
    input(
      [],
      [[], [object('Service', 'web', { spec: { type: 'LoadBalancer', loadBalancerSourceRanges: ['10.0.0.0/8'] } })]],
    ),
  ],
  [
    'an account of this plan gets a role',
    input([
      ['google_service_account.a', { after: { account_id: 'vm', project: 'p' } }],
      [
        'google_project_iam_member.m',
        { after: { member: 'serviceAccount:vm@p.iam.gserviceaccount.com', role: 'roles/viewer' } },
      ],
    ]),
  ],
  [
    'the first plan gives its accounts roles',
    input(
      [['google_project_iam_member.m', { after: { member: 'user:a', role: 'roles/viewer' } }]],
      undefined,
      {},
      false,
    ),
  ],
  [
    'a role is taken away',
    input([['google_project_iam_member.m', { before: { member: 'user:a', role: 'roles/owner' } }]]),
  ],
  [
    'a custom role loses a permission',
    input([
      ['google_project_iam_custom_role.r', { before: { permissions: ['a', 'b'] }, after: { permissions: ['a'] } }],
    ]),
  ],
  ['a role in the cluster loses a verb', input([], [[role('get', 'delete')], [role('get')]])],
  ['a role in the cluster names verbs in place of all', input([], [[role('*')], [role('get')]])],
])('no guard refuses when %s', (_, given) => {
  expect(hits(given)).toEqual([]);
});

test('every guard says what else is affected', () => {
  const everything = [
    ['google_storage_bucket.b', { before: { name: 'states' } }],
    ['google_compute_disk.d', { before: { disk_id: '7', name: 'boot', size: 50 } }],
    ['kubernetes_namespace_v1.n', { before: { metadata: [{ name: 'threads' }] } }],
    ['helm_release.r', { before: { chart: 'external-secrets', values: [] } }],
    ['kubernetes_manifest.a', { before: application() }],
    ['google_compute_firewall.f', { after: firewall({ source_ranges: ['0.0.0.0/0'] }) }],
    ['google_project_iam_member.m', { after: { member: 'user:eve', role: 'roles/viewer', project: 'p' } }],
  ] as const;
  const found = runGuards(input(everything, [[object('Service', 'web')], []]));
  expect(found.map(({ guard, blastRadius }) => [guard, blastRadius])).toEqual([
    ['state-bucket', 'every layer of every environment in this bucket: terraform forgets all that it has created'],
    ['disk', '50 GB of disk boot: the cluster on it with all volumes, back to the last snapshot if there is one'],
    ['namespace', 'every object in namespace threads; volumes too, where the reclaim policy is Delete'],
    ['crd', 'every custom resource of external-secrets.io, in all namespaces'],
    ['root-application', 'everything that Application threads has deployed to namespace threads'],
    ['empty-render', '1 objects that Argo CD prunes: Service'],
    ['open-to-world', 'everybody on the internet'],
    ['identity', 'project p'],
  ]);
  expect(new Set(found.map(({ guard }) => guard)).size).toBe(GUARDS.length);
});
