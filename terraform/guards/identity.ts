import { isDeployed } from '../planning/layer-plan';
import {
  type ChangedResource,
  changedResources,
  type Guard,
  type GuardInput,
  type ManifestObject,
  objectName,
  type Values,
} from './guard';

/** Grants of Google Cloud: one role on one resource to one member, or to several. */
const GRANT = /^google_.*_iam_(member|binding)$/;

/** Roles that let their holder give themselves any other. Sources: https://cloud.google.com/iam/docs/understanding-roles and
 * https://cloud.google.com/iam/docs/best-practices-service-accounts */
const POWERFUL =
  /^roles\/(owner|editor|.*admin|iam\.(serviceAccountTokenCreator|serviceAccountKeyAdmin|workloadIdentityUser))$/i;

const K8S_GRANT = /^kubernetes_(cluster_)?role(_binding)?(_v1)?$/;

/** Members that the guard of what is open to the world looks at. */
const EVERYBODY = ['allUsers', 'allAuthenticatedUsers'];

/** Refuses a change after which an identity that exists can do more than before. */
export const identity: Guard = {
  name: 'identity',
  protects: 'what identities may do: grants, custom roles, workload identity, roles in the cluster',
  find: (input) => {
    const created = createdAccounts(input);
    const first = new Set(input.layers.filter(({ json }) => !isDeployed(json)).map(({ layer }) => layer));
    return [
      ...changedResources(input)
        .filter(({ stays }) => stays)
        .flatMap((resource) => {
          const message = gainOf(resource, created, first.has(resource.layer));
          const { layer, address } = resource;
          return message ? [{ place: layer, subject: address, message, blastRadius: radiusOf(resource) }] : [];
        }),
      ...gainedInCluster(input),
    ];
  },
};

/** What an identity gains by a change. @param first - true if the layer is applied for the first time */
function gainOf(resource: ChangedResource, created: ReadonlySet<string>, first: boolean): string | undefined {
  const { type, before, after, unknown } = resource;
  if (GRANT.test(type)) {
    const role = String(after['role'] ?? '(known after apply)');
    const members = [after['member'], ...listOf(after['members'])].filter(
      (one) => one && !EVERYBODY.includes(String(one)),
    );
    const old = [before['member'], ...listOf(before['members'])];
    const gained = members.map(String).filter((one) => before['role'] !== role || !old.includes(one));
    // An account that this plan creates cannot do more than before; a powerful role is refused for it as well.
    const existing = gained.filter((one) => POWERFUL.test(role) || !(first || created.has(accountOf(one))));
    if (unknown['member'] === true) return POWERFUL.test(role) ? `an identity gets ${role}` : undefined;
    return existing.length > 0 ? `${existing.join(', ')} gets ${role}` : undefined;
  }
  if (type === 'google_project_iam_custom_role') {
    if (Object.keys(before).length === 0) return undefined;
    const more = listOf(after['permissions']).filter((one) => !listOf(before['permissions']).includes(one));
    return more.length > 0 ? `custom role ${after['role_id']} also allows ${more.join(', ')}` : undefined;
  }
  if (type === 'google_iam_workload_identity_pool_provider') {
    if (!after['attribute_condition']) return 'any repository of the issuer may sign in: it has no attribute condition';
    return Object.keys(before).length > 0 && before['attribute_condition'] !== after['attribute_condition']
      ? `others may sign in: the attribute condition becomes ${after['attribute_condition']}`
      : undefined;
  }
  if (type === 'google_service_account_key')
    return 'a key of a service account is created, which anybody who has it can use';
  if (!K8S_GRANT.test(type) || Object.keys(before).length === 0) return undefined;
  return more(permissionsOf(before), permissionsOf(after)) ? 'a role or binding in the cluster allows more' : undefined;
}

function gainedInCluster({ overlays = [] }: GuardInput) {
  return overlays.flatMap(({ path, before, after }) => {
    const old = new Map(before.map((object) => [objectName(object), object]));
    return after.filter(isRbac).flatMap((object) => {
      const previous = old.get(objectName(object));
      if (!more(previous ? permissionsOf(previous) : [], permissionsOf(object))) return [];
      const message = previous ? `${object.kind} allows more` : `${object.kind} is new`;
      const blastRadius = object.kind.startsWith('Cluster') ? 'the whole cluster' : 'the namespace';
      return [{ place: path, subject: objectName(object), message, blastRadius }];
    });
  });
}

function isRbac({ apiVersion }: ManifestObject): boolean {
  return apiVersion.startsWith('rbac.authorization.k8s.io/');
}

/** One thing that a role allows, or one subject of a binding: the parts must all match, and `*` matches everything. */
type Permission = readonly string[];

/** What a role allows, or whom a binding gives a role. Names of fields are those of Kubernetes and of its provider. */
function permissionsOf(object: Values | ManifestObject): Permission[] {
  const { rules, rule, subjects, subject, roleRef, role_ref } = object as Values;
  const allowed = [rules, rule].flatMap(listOf).flatMap((one) => combinations(one as Values));
  const given = [subjects, subject].flatMap(listOf).map((one) => [JSON.stringify([one, roleRef ?? role_ref])]);
  return [...allowed, ...given];
}

function combinations(rule: Values): Permission[] {
  const urls = listOf(rule['nonResourceURLs'] ?? rule['non_resource_urls']);
  const verbs = listOf(rule['verbs']);
  if (urls.length > 0) return urls.flatMap((url) => verbs.map((verb) => ['url', String(url), '', String(verb)]));
  const groups = orEmpty(rule['apiGroups'] ?? rule['api_groups']);
  const names = orEmpty(rule['resourceNames'] ?? rule['resource_names'], '*');
  return groups.flatMap((group) =>
    orEmpty(rule['resources']).flatMap((resource) =>
      names.flatMap((name) => verbs.map((verb) => [`group ${group}`, resource, name, String(verb)])),
    ),
  );
}

function orEmpty(value: unknown, none = ''): string[] {
  const list = listOf(value).map(String);
  return list.length > 0 ? list : [none];
}

function more(before: readonly Permission[], after: readonly Permission[]): boolean {
  const covers = (old: Permission, now: Permission) =>
    old.every((part, index) => part === '*' || part === 'group *' || part === now[index]);
  return after.some((now) => !before.some((old) => covers(old, now)));
}

/** Emails of the accounts that these plans create. */
function createdAccounts(input: GuardInput): Set<string> {
  return new Set(
    changedResources(input)
      .filter(({ type, before }) => type === 'google_service_account' && Object.keys(before).length === 0)
      .map(({ after }) => `${after['account_id']}@${after['project']}.iam.gserviceaccount.com`),
  );
}

function accountOf(member: string): string {
  return member.replace(/^serviceAccount:/, '');
}

function radiusOf({ type, after }: ChangedResource): string {
  if (type.startsWith('kubernetes_')) return type.includes('cluster') ? 'the whole cluster' : 'the namespace';
  if (type.startsWith('google_project')) return `project ${after['project'] ?? '?'}`;
  const scope = ['bucket', 'secret_id', 'repository', 'service_account_id'].find((key) => after[key]);
  return scope ? `${scope.replace(/_id$/, '')} ${String(after[scope]).split('/').at(-1)}` : 'the resource';
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
