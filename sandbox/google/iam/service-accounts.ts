import { CloudError } from '../../protocol/behaviour';
import type { Values } from '../../protocol/values';
import { defineResource, matching, rules, text } from '../resource';
import { enableService } from '../services';

/** A service account. */
export const serviceAccount = defineResource({
  type: 'google_service_account',
  noun: 'service account',
  key: 'projects/{project}/serviceAccounts/{account_id}',
  arguments: {
    account_id: matching(
      'replace',
      /^[a-z]([-a-z0-9]{4,28}[a-z0-9])$/,
      '6-30 lowercase letters, digits or hyphens, starting with a letter',
    ),
    ...rules('in-place', 'display_name', 'description', 'disabled'),
    create_ignore_already_exists: 'in-place',
  },
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
  takes: { create: 'control plane call', delete: 'control plane call' },
});

/** A secret. Terraform makes it empty; its value comes another way. */
export const secret = defineResource({
  type: 'google_secret_manager_secret',
  noun: 'secret',
  key: 'projects/{project}/secrets/{secret_id}',
  arguments: {
    secret_id: matching('replace', /^[A-Za-z0-9_-]{1,255}$/, '1-255 letters, digits, hyphens or underscores'),
    replication: 'replace',
    ...rules('in-place', 'labels', 'annotations', 'rotation', 'topics', 'version_destroy_ttl', 'deletion_protection'),
  },
  computed: (values, context, key) => ({
    name: key,
    create_time: context.world.clock.iso(),
    effective_annotations: values['annotations'] ?? {},
  }),
  made: (_values, context, key) => {
    context.world.data.secretVersions[key] ??= [];
  },
  unmake: (values, context, key) => {
    if (values['deletion_protection'] === true) {
      throw new CloudError(
        'cannot destroy secret without setting deletion_protection=false and running `terraform apply`',
      );
    }
    delete context.world.data.secretVersions[key];
  },
  takes: { create: 'control plane call', delete: 'control plane call' },
});

/** A service of the project, switched on. */
export const projectService = defineResource({
  type: 'google_project_service',
  noun: 'service',
  key: 'projects/{project}/services/{service}',
  arguments: {
    service: matching('replace', /^[a-z0-9.-]+\.googleapis\.com$|\./, 'a service name such as compute.googleapis.com'),
    ...rules('in-place', 'disable_on_destroy', 'disable_dependent_services'),
  },
  idempotent: true,
  computed: (values) => ({ id: `${text(values, 'project')}/${text(values, 'service')}` }),
  made: (values, { world }) => enableService(world, text(values, 'project'), text(values, 'service')),
  takes: { create: 'service activation', delete: 'control plane call' },
});

function emailOf(values: Values): string {
  return `${text(values, 'account_id')}@${text(values, 'project')}.iam.gserviceaccount.com`;
}
