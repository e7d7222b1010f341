import type { ProviderBehaviour } from '../protocol/behaviour';
import type { ProviderFacts } from '../protocol/facts';
import * as disk from './disk';
import * as federation from './federation';
import * as grants from './grants';
import * as identity from './identity';
import { instance } from './instance';
import * as network from './network';
import { project } from './project';
import rules from './rules.json';
import * as scheduling from './scheduling';
import * as storing from './storing';
import * as watching from './watching';

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
    data: [project],
    facts: rules as ProviderFacts,
  };
}
