import type { Context } from '../../protocol/behaviour';
import type { Values } from '../../protocol/values';
import { CloudError } from '../cloud-error';
import { DURATIONS } from '../durations';
import { defineResource } from '../resource';
import { block, lastOf, text } from '../values';
import { refuseMisspelt } from './roles';

const durations = { create: 'control plane call', delete: 'control plane call' } as const;

/** One member's role on a project. */
export const projectIamMember = defineResource({
  type: 'google_project_iam_member',
  idempotent: true,
  validateCreate: (values, context) => {
    if (/^all(Authenticated)?Users$/.test(text(values, 'member'))) {
      throw new CloudError({
        status: 400,
        reason: 'badRequest',
        message: 'Members of type allUsers and allAuthenticatedUsers cannot be in this policy.',
      });
    }
    refuseGrant(values, context);
  },
  computed: grant((values) => text(values, 'project')),
  hidden: (_values, { world }, key) => ({
    effectiveFrom:
      world.get('google_project_iam_member', key)?.hidden?.effectiveFrom ??
      world.clock.now() + DURATIONS['IAM propagation'].typical * 1000,
  }),
  durations,
});

/** All members of a role on a project. Others lose the role: the binding is authoritative. */
export const projectIamBinding = defineResource({
  type: 'google_project_iam_binding',
  idempotent: true,
  validateCreate: refuseGrants,
  beforeUpdate: (_prior, values, context) => refuseGrants(values, context),
  afterCreate: revokeOthers,
  computed: binding((values) => text(values, 'project')),
  durations,
});

/** All members of a role on a bucket. */
export const bucketIamBinding = defineResource({
  type: 'google_storage_bucket_iam_binding',
  idempotent: true,
  validateCreate: refuseGrants,
  beforeUpdate: (_prior, values, context) => refuseGrants(values, context),
  computed: binding((values) => `b/${text(values, 'bucket')}`),
  durations,
});

/** All members of a role on a service account. */
export const serviceAccountIamBinding = defineResource({
  type: 'google_service_account_iam_binding',
  idempotent: true,
  validateCreate: refuseGrants,
  beforeUpdate: (_prior, values, context) => refuseGrants(values, context),
  computed: binding((values) => text(values, 'service_account_id')),
  durations,
});

/** One member's role on a secret. */
export const secretIamMember = defineResource({
  type: 'google_secret_manager_secret_iam_member',
  placed: 'late',
  idempotent: true,
  validateCreate: refuseGrant,
  computed: grant(
    (values) => `projects/${text(values, 'project')}/secrets/${text(values, 'secret_id').split('/').at(-1)}`,
  ),
  durations,
});

/** One member's role on a service account. */
export const serviceAccountIamMember = defineResource({
  type: 'google_service_account_iam_member',
  idempotent: true,
  validateCreate: (values, context) => {
    const email = lastOf(values['service_account_id'] ?? '');
    if (isMissing(email, context)) {
      throw new CloudError({ status: 404, reason: 'notFound', message: `Unknown service account: ${email}` });
    }
    refuseGrant(values, context);
  },
  computed: grant((values) => text(values, 'service_account_id')),
  durations,
});

/** One member's role on a bucket. */
export const bucketIamMember = defineResource({
  type: 'google_storage_bucket_iam_member',
  idempotent: true,
  validateCreate: refuseGrant,
  computed: grant((values) => `b/${text(values, 'bucket')}`),
  durations,
});

/** One member's role on an Artifact Registry repository. */
export const registryIamMember = defineResource({
  type: 'google_artifact_registry_repository_iam_member',
  idempotent: true,
  validateCreate: (values, context) => {
    const [project, location] = [text(values, 'project'), text(values, 'location')];
    const name = text(values, 'repository').split('/').at(-1);
    const key = `projects/${project}/locations/${location}/repositories/${name}`;
    // A repository with images exists, whatever created it.
    const images = `${location}-docker.pkg.dev/${project}/${name}/`;
    const pushed = Object.keys(context.world.data.images).some((image) => image.startsWith(images));
    if (!pushed && !context.world.get('google_artifact_registry_repository', key))
      throw new CloudError(
        { status: 404, reason: 'notFound', message: 'Requested entity was not found.' },
        `there is no repository ${key}`,
      );
  },
  computed: grant((values) => text(values, 'repository')),
  durations,
});

/** A grant's id: what it is on, the role and the member. */
function grant(on: (values: Values) => string): (values: Values) => Values {
  return (values) => ({ id: `${on(values)}/${text(values, 'role')}/${text(values, 'member')}`, etag: 'BwY=' });
}

function binding(on: (values: Values) => string): (values: Values) => Values {
  return (values) => ({ id: `${on(values)}/${text(values, 'role')}`, etag: 'BwY=' });
}

function refuseGrants(values: Values, context: Context): void {
  for (const member of membersOf(values)) refuseGrant({ ...values, member }, context);
}

function revokeOthers(values: Values, { world }: Context): void {
  for (const { key, values: grant } of world.list('google_project_iam_member')) {
    const isSame = grant['project'] === values['project'] && grant['role'] === values['role'];
    if (isSame && !membersOf(values).includes(String(grant['member']))) world.remove('google_project_iam_member', key);
  }
}

function membersOf({ members }: Values): string[] {
  return Array.isArray(members) ? members.map(String) : [];
}

/** Refuses a grant that IAM refuses on every resource. @throws CloudError */
function refuseGrant(values: Values, context: Context): void {
  const email = /^serviceAccount:(.+\.iam\.gserviceaccount\.com)$/.exec(text(values, 'member'))?.[1];
  if (email && isMissing(email, context)) {
    throw new CloudError({ status: 400, reason: 'badRequest', message: `Service account ${email} does not exist.` });
  }
  const role = text(values, 'role');
  refuseMisspelt(role);
  const isOwn = /^projects\/[^/]+\/roles\//.test(role);
  const isKnown = isOwn
    ? context.world.get('google_project_iam_custom_role', role) !== undefined
    : /^(roles\/(owner|editor|viewer|browser|[a-z][\w]*\.[\w.]+)|organizations\/\d+\/roles\/[\w.]+)$/.test(role);
  if (!isKnown)
    throw new CloudError({
      status: 400,
      reason: 'badRequest',
      message: `Role ${role} is not supported for this resource.`,
    });
  refuseCondition(text(block(values, 'condition') ?? {}, 'expression'));
}

/** Whether an account of the provider's project does not exist. Of other projects the sandbox knows nothing. */
function isMissing(email: string, { world, provider }: Context): boolean {
  const [, name = '', project = ''] = /^([^@]+)@(.+)\.iam\.gserviceaccount\.com$/.exec(email) ?? [];
  if (project !== text(provider, 'project') || name.startsWith('service-')) return false;
  return !world.list('google_service_account').some((account) => account.values['email'] === email);
}

/** Refuses a condition whose quotes or brackets do not match; the sandbox reads no more of CEL. */
function refuseCondition(expression: string): void {
  const plain = expression.replace(/"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/g, '');
  const opened = [...plain].reduce((open, char) => open + (char === '(' ? 1 : char === ')' ? -1 : 0), 0);
  if (opened === 0 && !/["']/.test(plain) && !/[^=!<>]=[^=]/.test(plain)) return;
  throw new CloudError({
    status: 400,
    reason: 'badRequest',
    message: `Request contains an invalid argument: the condition is no valid CEL: ${expression}`,
  });
}
