import { messageOf } from '../../../errors';
import type { Cluster } from '../../../kubernetes/api-server/cluster';
import { type Access, assertAllowed } from '../../../kubernetes/api-server/rbac';
import { object, startCluster } from '../ground';

const ACCOUNT = { namespace: 'default', name: 'robot' };
const RBAC = 'rbac.authorization.k8s.io/v1';
const SECRET: Access = { verb: 'get', group: '', resource: 'secrets', namespace: 'default', name: 'key' };

const role = (kind: string, rule: object) =>
  object(RBAC, kind, 'reader', { rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'], ...rule }] });
const binding = (kind: string, roleKind: string, subject: object = { kind: 'ServiceAccount', ...ACCOUNT }) =>
  object(RBAC, kind, 'reader', { roleRef: { kind: roleKind, name: 'reader' }, subjects: [subject] });

let cluster: Cluster;
beforeEach(() => {
  ({ cluster } = startCluster());
});

const refusal = (access: Partial<Access> = {}) => {
  try {
    assertAllowed(cluster, ACCOUNT, { ...SECRET, ...access });
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
};

test('nothing is allowed without a binding, in the words of the API server', () => {
  cluster.apply(role('Role', {}));
  expect(refusal()).toBe(
    'secrets "key" is forbidden: User "system:serviceaccount:default:robot" cannot get resource "secrets" in API group "" in the namespace "default"',
  );
  expect(refusal({ namespace: undefined, name: undefined, verb: 'list', group: 'apps', resource: 'deployments' })).toBe(
    'deployments.apps is forbidden: User "system:serviceaccount:default:robot" cannot list resource "deployments" in API group "apps" at the cluster scope',
  );
});

test('a Role counts in its own namespace alone', () => {
  cluster.apply(role('Role', {}));
  cluster.apply(binding('RoleBinding', 'Role'));
  expect(refusal()).toBeUndefined();
  expect(refusal({ namespace: 'kube-system' })).toContain('in the namespace "kube-system"');
});

test('a ClusterRole counts where it is bound: in one namespace, or everywhere', () => {
  cluster.apply(role('ClusterRole', {}));
  cluster.apply(binding('RoleBinding', 'ClusterRole'));
  expect(refusal()).toBeUndefined();
  expect(refusal({ namespace: 'kube-system' })).toBeDefined();
  cluster.apply(binding('ClusterRoleBinding', 'ClusterRole'));
  expect(refusal({ namespace: 'kube-system' })).toBeUndefined();
});

test.each([
  ['another verb', { verbs: ['list'] }],
  ['another resource', { resources: ['configmaps'] }],
  ['another group', { apiGroups: ['apps'] }],
  ['another name', { resourceNames: ['other'] }],
  ['a subresource', { resources: ['secrets/log'] }],
])('a rule for %s does not count', (_what, rule) => {
  cluster.apply(role('Role', rule));
  cluster.apply(binding('RoleBinding', 'Role'));
  expect(refusal()).toBeDefined();
});

test.each([
  ['a group of all service accounts', { kind: 'Group', name: 'system:serviceaccounts' }, true],
  ['the group of its namespace', { kind: 'Group', name: 'system:serviceaccounts:default' }, true],
  ['the group of another namespace', { kind: 'Group', name: 'system:serviceaccounts:kube-system' }, false],
  ['its name in another namespace', { kind: 'ServiceAccount', name: 'robot', namespace: 'kube-system' }, false],
])('a binding for %s', (_what, subject, counts) => {
  cluster.apply(role('Role', { verbs: ['*'], resources: ['*'], apiGroups: ['*'] }));
  cluster.apply(binding('RoleBinding', 'Role', subject));
  expect(refusal() === undefined).toBe(counts);
});
