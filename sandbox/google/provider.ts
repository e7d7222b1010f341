import type { ProviderBehaviour } from '../protocol/behaviour';
import { disk, snapshot } from './disk';
import { projectIamMember, projectService, secret, secretIamMember, serviceAccount } from './identity';
import { instance } from './instance';
import { address, firewall, network, router, routerNat, subnetwork } from './network';

/** The simulated google provider. */
export function googleProvider(): ProviderBehaviour {
  return {
    name: 'google',
    source: 'hashicorp/google',
    resources: [
      network,
      subnetwork,
      firewall,
      address,
      router,
      routerNat,
      disk,
      snapshot,
      instance,
      serviceAccount,
      projectIamMember,
      secret,
      secretIamMember,
      projectService,
    ],
    data: [],
  };
}
