import type { KubernetesObject } from '../../world';
import { ApiError, type ClusterApi } from './api';
import { kindOf } from './kind';
import { resourceName } from './kinds';
import { CLUSTER_ROLES, ROLES, type Role } from './objects';
import { refTo } from './reference';

const RBAC = 'rbac.authorization.k8s.io';
const ROLE_BINDINGS = kindOf<Binding>(RBAC, 'RoleBinding');
const CLUSTER_ROLE_BINDINGS = kindOf<Binding>(RBAC, 'ClusterRoleBinding');

/** A ServiceAccount that asks the API for something. */
export interface Account {
  readonly namespace: string;
  readonly name: string;
}

/** What it asks for. */
export interface Access {
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';
  /** '' for the core group. */
  readonly group: string;
  /** Plural, with its subresource if any: `pods`, `pods/log`. */
  readonly resource: string;
  /** Undefined for all namespaces, and for kinds without one. */
  readonly namespace?: string;
  readonly name?: string;
}

type Rule = NonNullable<Role['rules']>[number];

interface Binding extends KubernetesObject {
  readonly roleRef: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly { readonly kind: string; readonly name: string; readonly namespace?: string }[];
}

/**
 * Succeeds when roles and bindings allow a ServiceAccount what it asks for.
 *
 * @throws ApiError 403 with the API server's message.
 */
export function assertAllowed(cluster: ClusterApi, account: Account, access: Access): void {
  if (rulesOf(cluster, account, access.namespace).some((rule) => allows(rule, access))) return;
  const { verb, group, resource, namespace, name } = access;
  const [plural = '', subresource] = resource.split('/');
  const what = resourceName({ group, plural });
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  throw new ApiError(
    403,
    'Forbidden',
    `${what}${name === undefined ? '' : ` "${name}"`} is forbidden: User "system:serviceaccount:${account.namespace}:${account.name}" cannot ${verb} resource "${plural}${subresource ? `/${subresource}` : ''}" in API group "${group}" ${where}`,
  );
}

/** Rules of all roles that are bound to an account: for the whole cluster, and within that namespace. */
function rulesOf(cluster: ClusterApi, account: Account, namespace: string | undefined): Rule[] {
  const bindings = [
    ...cluster.list(CLUSTER_ROLE_BINDINGS),
    ...(namespace === undefined ? [] : cluster.list(ROLE_BINDINGS, namespace)),
  ];
  return bindings
    .filter(({ subjects = [] }) => subjects.some((subject) => isMeant(subject, account)))
    .flatMap(({ roleRef: { kind, name } }) => {
      const ref = kind === 'Role' ? refTo(ROLES, name, namespace) : refTo(CLUSTER_ROLES, name);
      return cluster.get(ref)?.rules ?? [];
    });
}

function isMeant(subject: NonNullable<Binding['subjects']>[number], { namespace, name }: Account): boolean {
  if (subject.kind === 'ServiceAccount') return subject.name === name && subject.namespace === namespace;
  const groups = ['system:authenticated', 'system:serviceaccounts', `system:serviceaccounts:${namespace}`];
  return subject.kind === 'Group' && groups.includes(subject.name);
}

function allows({ apiGroups = [], resources = [], resourceNames, verbs = [] }: Rule, access: Access): boolean {
  const holds = (list: readonly string[], value: string) => list.includes('*') || list.includes(value);
  return (
    holds(verbs, access.verb) &&
    holds(apiGroups, access.group) &&
    holds(resources, access.resource) &&
    (!resourceNames?.length || (access.name !== undefined && resourceNames.includes(access.name)))
  );
}
