import { misspelt } from '../../nearest';
import { CloudError } from '../cloud-error';

/** Predefined roles that are often granted, by service. Source: IAM documentation, roles reference. */
const ROLES: Readonly<Record<string, readonly string[]>> = {
  artifactregistry: ['admin', 'reader', 'repoAdmin', 'writer', 'createOnPushWriter'],
  bigquery: ['admin', 'dataEditor', 'dataOwner', 'dataViewer', 'jobUser', 'user'],
  billing: ['admin', 'costsManager', 'projectManager', 'user', 'viewer'],
  cloudbuild: ['builds.builder', 'builds.editor', 'builds.viewer'],
  cloudscheduler: ['admin', 'jobRunner', 'viewer'],
  cloudsql: ['admin', 'client', 'editor', 'instanceUser', 'viewer'],
  compute: [
    ...['admin', 'imageUser', 'instanceAdmin', 'instanceAdmin.v1', 'loadBalancerAdmin', 'networkAdmin', 'networkUser'],
    ...['networkViewer', 'osAdminLogin', 'osLogin', 'securityAdmin', 'storageAdmin', 'viewer'],
  ],
  container: [
    'admin',
    'clusterAdmin',
    'clusterViewer',
    'developer',
    'nodeServiceAccount',
    'defaultNodeServiceAccount',
    'viewer',
  ],
  dns: ['admin', 'peer', 'reader'],
  iam: [
    ...['roleAdmin', 'roleViewer', 'securityAdmin', 'securityReviewer', 'serviceAccountAdmin', 'serviceAccountCreator'],
    ...['serviceAccountKeyAdmin', 'serviceAccountTokenCreator', 'serviceAccountUser', 'serviceAccountViewer'],
    ...['serviceAccountOpenIdTokenCreator', 'workloadIdentityPoolAdmin', 'workloadIdentityUser'],
  ],
  iap: ['admin', 'httpsResourceAccessor', 'settingsAdmin', 'tunnelResourceAccessor', 'tunnelDestGroupUser'],
  logging: ['admin', 'bucketWriter', 'configWriter', 'logWriter', 'privateLogViewer', 'viewAccessor', 'viewer'],
  monitoring: ['admin', 'alertPolicyEditor', 'editor', 'metricWriter', 'notificationChannelEditor', 'viewer'],
  pubsub: ['admin', 'editor', 'publisher', 'subscriber', 'viewer'],
  resourcemanager: ['folderAdmin', 'organizationAdmin', 'projectCreator', 'projectDeleter', 'projectIamAdmin'],
  run: ['admin', 'developer', 'invoker', 'viewer'],
  secretmanager: ['admin', 'secretAccessor', 'secretVersionAdder', 'secretVersionManager', 'viewer'],
  serviceusage: ['serviceUsageAdmin', 'serviceUsageConsumer', 'serviceUsageViewer'],
  stackdriver: ['accounts.editor', 'accounts.viewer', 'resourceMetadata.writer'],
  storage: [
    ...['admin', 'folderAdmin', 'hmacKeyAdmin', 'legacyBucketOwner', 'legacyBucketReader', 'legacyBucketWriter'],
    ...['legacyObjectOwner', 'legacyObjectReader', 'objectAdmin', 'objectCreator', 'objectUser', 'objectViewer'],
  ],
};

/**
 * Refuses a predefined role whose name is a misspelling of one that exists. The list is not complete: any other role of a
 * valid form is accepted.
 *
 * @throws CloudError
 */
export function refuseMisspelt(role: string): void {
  const [, service = '', name = ''] = /^roles\/([a-z]+)\.(.+)$/.exec(role) ?? [];
  const roles = ROLES[service];
  const meant = roles ? misspelt(name, roles) : misspelt(service, Object.keys(ROLES));
  if (!meant || !service) return;
  throw new CloudError(
    { status: 400, reason: 'badRequest', message: `Role ${role} is not supported for this resource.` },
    `did you mean roles/${roles ? `${service}.${meant}` : `${meant}.${name}`}?`,
  );
}
