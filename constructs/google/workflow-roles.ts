import type { Grant } from './workflow-identity';

/**
 * What the identities of workflows may do. Sources of roles and permissions:
 * https://cloud.google.com/iam/docs/understanding-roles and https://cloud.google.com/iam/docs/permissions-reference
 */

/** Reads everything in the project but the values of secrets, and reaches the cluster, where it may only read too. */
export const PLANS_VM: readonly Grant[] = [
  'roles/viewer',
  'roles/iam.securityReviewer',
  'roles/iap.tunnelResourceAccessor',
];

/** Reads states, and adds plans next to them. @param bucket - of the states */
export function plansIn(bucket: string): readonly Grant[] {
  return [
    'roles/storage.objectViewer',
    {
      role: 'roles/storage.objectCreator',
      title: 'only plans',
      expression: `resource.name.startsWith("projects/_/buckets/${bucket}/objects/strata/plans/")`,
    },
  ];
}

/** Reads, writes and locks states. */
export const APPLIES_STATES: readonly Grant[] = ['roles/storage.objectUser'];

/** Pushes images and moves their tags in one repository of Artifact Registry. */
export function pushesTo(project: string, location: string, repository: string): Grant {
  return {
    role: 'roles/artifactregistry.writer',
    title: `only ${repository}`,
    expression: `resource.name.startsWith("projects/${project}/locations/${location}/repositories/${repository}")`,
  };
}

/** Finds the VM, opens the tunnel and fetches the kubeconfig. To log in to a VM takes the right to act as its service account. */
export const SHIPS_TO_VM: readonly Grant[] = [
  'roles/compute.viewer',
  'roles/compute.osAdminLogin',
  'roles/iap.tunnelResourceAccessor',
  'roles/iam.serviceAccountUser',
];

/** Roles that 00-vpc grants on the project, apart from its own custom roles. */
const GRANTED = ['roles/logging.logWriter', 'roles/monitoring.metricWriter'];

/**
 * Creates what 00-vpc describes, and reaches the cluster. It may grant only the roles that 00-vpc grants.
 *
 * @param customRoles - ids of the custom roles that 00-vpc grants.
 */
export function appliesVm(project: string, customRoles: readonly string[]): readonly Grant[] {
  const granted = [...GRANTED, ...customRoles.map((id) => `projects/${project}/roles/${id}`)];
  return [
    'roles/cloudscheduler.admin',
    'roles/compute.admin',
    'roles/compute.osAdminLogin',
    'roles/iam.roleAdmin',
    'roles/iam.serviceAccountCreator',
    'roles/iam.serviceAccountDeleter',
    'roles/iam.serviceAccountUser',
    'roles/iap.tunnelResourceAccessor',
    'roles/logging.configWriter',
    'roles/monitoring.editor',
    'roles/serviceusage.serviceUsageAdmin',
    {
      role: 'roles/resourcemanager.projectIamAdmin',
      title: 'only roles of layers',
      // Source: https://cloud.google.com/iam/docs/setting-limits-on-granting-roles
      expression: `api.getAttribute("iam.googleapis.com/modifiedGrantsByRole", []).hasOnly([${granted.map((role) => `"${role}"`).join(', ')}])`,
    },
  ];
}

/** Describes secrets, buckets and registries, without reading or writing what is in them. */
export const APPLIES_CONTAINERS: readonly string[] = [
  ...['create', 'delete', 'get', 'getIamPolicy', 'list', 'setIamPolicy', 'update'].flatMap((verb) => [
    `artifactregistry.repositories.${verb}`,
    `secretmanager.secrets.${verb}`,
    `storage.buckets.${verb}`,
  ]),
].sort();
