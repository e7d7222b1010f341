import { ProviderError } from '../../protocol/behaviour';
import type { Values } from '../../protocol/values';
import { defineResource } from '../resource';
import { refuseUnknownService } from '../service-names';
import { enableService } from '../services';
import { lastOf, refuseUnlike, text } from '../values';

/** A service account. */
export const serviceAccount = defineResource({
  type: 'google_service_account',
  arguments: {
    account_id: {
      check: (value) =>
        typeof value === 'string' && (value.length < 6 || value.length > 30)
          ? `expected length of account_id to be in the range (6 - 30), got ${value}`
          : undefined,
    },
  },
  known: (planned): Values =>
    isSettled(planned) ? { email: emailOf(planned), member: `serviceAccount:${emailOf(planned)}` } : {},
  computed: (values, context) => {
    const email = emailOf(values);
    return {
      email,
      id: `projects/${text(values, 'project')}/serviceAccounts/${email}`,
      name: `projects/${text(values, 'project')}/serviceAccounts/${email}`,
      member: `serviceAccount:${email}`,
      unique_id: context.world.nextId(),
    };
  },
  // Google knows an account by its e-mail address or a number; the account id alone names none.
  imported: (id) => {
    const [, account, project] = /^(?:.*\/)?([^@/]+)@([^@/]+)\.iam\.gserviceaccount\.com$/.exec(id) ?? [];
    return account && `projects/${project}/serviceAccounts/${account}`;
  },
  durations: { create: 'control plane call', delete: 'control plane call' },
});

/** A key of a service account. It opens nothing: the sandbox checks no keys. */
export const serviceAccountKey = defineResource({
  type: 'google_service_account_key',
  placed: 'late',
  computed: (values, { world }, key) => ({
    name: key,
    private_key: Buffer.from(
      JSON.stringify({
        type: 'service_account',
        client_email: lastOf(values['service_account_id'] ?? ''),
        private_key: 'simulated',
      }),
    ).toString('base64'),
    public_key: Buffer.from('simulated').toString('base64'),
    valid_after: world.clock.iso(),
    valid_before: '9999-12-31T23:59:59Z',
  }),
  durations: { create: 'control plane call', delete: 'control plane call' },
});

/** A secret. Terraform makes it empty; its value comes another way. */
export const secret = defineResource({
  type: 'google_secret_manager_secret',
  validateCreate: (values) => refuseUnlike(/^[A-Za-z0-9_-]{1,255}$/, 'secret_id', text(values, 'secret_id')),
  computed: (values, context, key) => ({
    name: key,
    create_time: context.world.clock.iso(),
    effective_annotations: values['annotations'] ?? {},
  }),
  afterCreate: (_values, context, key) => {
    context.world.data.secretVersions[key] ??= [];
  },
  beforeDelete: (values, context, key) => {
    if (values['deletion_protection'] === true) {
      throw new ProviderError(
        'cannot destroy secret without setting deletion_protection=false and running `terraform apply`',
      );
    }
    delete context.world.data.secretVersions[key];
  },
  durations: { create: 'control plane call', delete: 'control plane call' },
});

/** A service of the project, switched on. */
export const projectService = defineResource({
  type: 'google_project_service',
  idempotent: true,
  validateCreate: (values) => refuseUnknownService(text(values, 'service')),
  computed: (values) => ({ id: `${text(values, 'project')}/${text(values, 'service')}` }),
  afterCreate: (values, { world }) => enableService(world, text(values, 'project'), text(values, 'service')),
  durations: { create: 'service activation', delete: 'control plane call' },
});

/** Whether a plan knows the parts of an email address. */
function isSettled(planned: Values): boolean {
  return text(planned, 'account_id') !== '' && text(planned, 'project') !== '';
}

function emailOf(values: Values): string {
  return `${text(values, 'account_id')}@${text(values, 'project')}.iam.gserviceaccount.com`;
}
