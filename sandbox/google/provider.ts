import type { ProviderBehaviour } from '../protocol/behaviour';
import type { ProviderFacts } from '../protocol/facts';
import * as disk from './compute/disk';
import { instance } from './compute/instance';
import * as network from './compute/network';
import * as grants from './iam/grants';
import * as identity from './iam/service-accounts';
import * as federation from './iam/workload-identity';
import * as watching from './monitoring';
import { project } from './project';
import rules from './rules.json';
import * as scheduling from './scheduler';
import { snapshotData } from './snapshot-data';
import * as storing from './storage';

/** The simulated google provider. */
export function googleProvider(): ProviderBehaviour {
  return {
    name: 'google',
    source: 'hashicorp/google',
    resources: [
      network.network,
      network.subnetwork,
      network.firewall,
      network.address,
      network.router,
      network.routerNat,
      disk.disk,
      disk.snapshot,
      instance,
      identity.serviceAccount,
      grants.projectIamMember,
      identity.secret,
      grants.secretIamMember,
      identity.projectService,
      federation.identityPool,
      federation.identityPoolProvider,
      grants.serviceAccountIamMember,
      grants.bucketIamMember,
      grants.registryIamMember,
      federation.customRole,
      scheduling.resourcePolicy,
      scheduling.diskPolicyAttachment,
      scheduling.schedulerJob,
      storing.bucket,
      storing.registryRepository,
      storing.topic,
      storing.managedZone,
      storing.recordSet,
      storing.secretVersion,
      watching.alertPolicy,
      watching.notificationChannel,
      watching.uptimeCheck,
      watching.loggingMetric,
      watching.healthCheck,
      watching.instanceGroup,
      watching.budget,
    ],
    data: [project, snapshotData],
    facts: rules as ProviderFacts,
  };
}
