import type { ProviderBehaviour } from '../protocol/behaviour';
import type { ProviderFacts } from '../protocol/facts';
import { address } from './compute/address';
import { disk } from './compute/disk';
import { instance } from './compute/instance';
import * as network from './compute/network';
import { snapshot } from './compute/snapshot';
import { subnetwork } from './compute/subnetwork';
import * as container from './container';
import { dataSources } from './data-sources';
import { managedZone, recordSet } from './dns';
import * as grants from './iam/grants';
import * as serviceAccounts from './iam/service-accounts';
import * as workloadIdentity from './iam/workload-identity';
import * as monitoring from './monitoring';
import { globalAddress, instanceTemplate, plainTypes } from './plain-types';
import { project } from './project';
import rules from './rules.json';
import * as scheduler from './scheduler';
import { secretVersion } from './secret-version';
import { snapshotData } from './snapshot-data';
import * as sql from './sql';
import * as storage from './storage';

/** Source: provider configuration of google 6.50.0. */
const ENVIRONMENT = {
  project: ['GOOGLE_PROJECT', 'GOOGLE_CLOUD_PROJECT', 'GCLOUD_PROJECT', 'CLOUDSDK_CORE_PROJECT'],
  region: ['GOOGLE_REGION', 'GCLOUD_REGION', 'CLOUDSDK_COMPUTE_REGION'],
  zone: ['GOOGLE_ZONE', 'GCLOUD_ZONE', 'CLOUDSDK_COMPUTE_ZONE'],
};

/** The simulated google provider. */
export function googleProvider(): ProviderBehaviour {
  return {
    name: 'google',
    source: 'hashicorp/google',
    resources: [
      network.network,
      subnetwork,
      network.firewall,
      address,
      network.router,
      network.routerNat,
      disk,
      snapshot,
      instance,
      serviceAccounts.serviceAccount,
      grants.projectIamMember,
      serviceAccounts.secret,
      grants.secretIamMember,
      serviceAccounts.projectService,
      workloadIdentity.identityPool,
      workloadIdentity.identityPoolProvider,
      grants.serviceAccountIamMember,
      grants.bucketIamMember,
      grants.registryIamMember,
      workloadIdentity.customRole,
      scheduler.resourcePolicy,
      scheduler.diskPolicyAttachment,
      scheduler.schedulerJob,
      storage.bucket,
      storage.registryRepository,
      storage.bucketObject,
      managedZone,
      recordSet,
      secretVersion,
      monitoring.alertPolicy,
      monitoring.notificationChannel,
      monitoring.uptimeCheck,
      monitoring.loggingMetric,
      monitoring.healthCheck,
      monitoring.instanceGroup,
      monitoring.budget,
      grants.projectIamBinding,
      grants.bucketIamBinding,
      grants.serviceAccountIamBinding,
      serviceAccounts.serviceAccountKey,
      globalAddress,
      instanceTemplate,
      container.cluster,
      container.nodePool,
      sql.connection,
      sql.instance,
      sql.database,
      sql.user,
      ...plainTypes,
    ],
    data: [project, snapshotData, ...dataSources],
    facts: rules as ProviderFacts,
    environment: ENVIRONMENT,
  };
}

/** The simulated google-beta provider: the same types, without the arguments that only the beta has. */
export function googleBetaProvider(): ProviderBehaviour {
  return { ...googleProvider(), name: 'google-beta', package: 'google', source: 'hashicorp/google-beta' };
}
