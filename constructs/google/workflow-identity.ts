import { ProjectIamCustomRole } from '@cdktf/provider-google/lib/project-iam-custom-role';
import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { ServiceAccount } from '@cdktf/provider-google/lib/service-account';
import { ServiceAccountIamMember } from '@cdktf/provider-google/lib/service-account-iam-member';
import { StorageBucketIamMember } from '@cdktf/provider-google/lib/storage-bucket-iam-member';
import { Construct } from 'constructs';

/** A role, or a role under a condition. See https://cloud.google.com/iam/docs/conditions-overview */
export type Grant = string | { readonly role: string; readonly title: string; readonly expression: string };

/** Properties of `WorkflowIdentity`. */
export interface WorkflowIdentityProps {
  /** Id of the Google project. */
  readonly project: string;
  /** Id of the service account, up to 30 characters. */
  readonly account: string;
  /** What it is for. */
  readonly displayName: string;
  /** IAM members that may act as it: jobs of workflows, from `jobsWith`. */
  readonly jobs: readonly string[];
  /** Roles on the project. @default - none */
  readonly roles?: readonly Grant[];
  /** Roles on one bucket, by name. @default - none */
  readonly bucket?: { readonly name: string; readonly roles: readonly Grant[] };
  /** Permissions on the project that no role of Google has without others, and the id of the role for them. @default - none */
  readonly permissions?: { readonly roleId: string; readonly permissions: readonly string[] };
}

/**
 * A service account that jobs of GitHub Actions act as. It has no key.
 *
 * Creates:
 * - the service account (https://registry.terraform.io/providers/hashicorp/google/6.50.0/docs/resources/google_service_account)
 * - for each of `jobs`, the right to act as it (https://registry.terraform.io/providers/hashicorp/google/6.50.0/docs/resources/google_service_account_iam)
 * - its roles on the project and on a bucket, and a custom role for single permissions
 *
 * @example
 * new WorkflowIdentity(this, 'apply', {
 *   project: 'acme-project',
 *   account: 'threads-prod-apply',
 *   displayName: 'applies the layers of threads prod',
 *   jobs: ['principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/github/attribute.environment/prod'],
 *   bucket: { name: 'acme-project-states', roles: ['roles/storage.objectUser'] },
 * });
 */
export class WorkflowIdentity extends Construct {
  readonly account: ServiceAccount;

  constructor(scope: Construct, id: string, props: WorkflowIdentityProps) {
    super(scope, id);
    const { project, account, displayName, jobs, roles = [], bucket, permissions } = props;
    this.account = new ServiceAccount(this, 'account', { accountId: account, displayName });
    const { member, name } = this.account;
    for (const [index, job] of jobs.entries()) {
      new ServiceAccountIamMember(this, `job-${index + 1}`, {
        serviceAccountId: name,
        role: 'roles/iam.workloadIdentityUser',
        member: job,
      });
    }
    for (const grant of roles) new ProjectIamMember(this, idOf(grant), { project, member, ...termsOf(grant) });
    for (const grant of bucket?.roles ?? []) {
      new StorageBucketIamMember(this, idOf(grant), { bucket: bucket?.name ?? '', member, ...termsOf(grant) });
    }
    if (permissions) {
      const { roleId } = permissions;
      const role = new ProjectIamCustomRole(this, 'role', {
        roleId,
        title: displayName,
        permissions: [...permissions.permissions],
      });
      new ProjectIamMember(this, 'role-member', { project, member, role: role.name });
    }
  }
}

function idOf(grant: Grant): string {
  return roleOf(grant)
    .replace(/^roles\//, '')
    .replaceAll('.', '-');
}

function termsOf(grant: Grant) {
  if (typeof grant === 'string') return { role: grant };
  const { role, title, expression } = grant;
  return { role, condition: { title, expression } };
}

function roleOf(grant: Grant): string {
  return typeof grant === 'string' ? grant : grant.role;
}
