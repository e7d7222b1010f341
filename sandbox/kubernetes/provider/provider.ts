import type { ProviderBehaviour } from '../../protocol/behaviour';
import type { ProviderFacts } from '../../protocol/facts';
import rules from '../rules.json';
import { type ClusterSource, refuseMissingKubeconfig } from './connection';
import { defineResource } from './resource';
import { deployment } from './resource-deployment';
import { manifestResource } from './resource-manifest';
import { statefulSet } from './resource-stateful-set';
import { RESOURCES } from './resources';

/** The simulated kubernetes provider. */
export function kubernetesProvider(clusters: ClusterSource): ProviderBehaviour {
  return {
    name: 'kubernetes',
    source: 'hashicorp/kubernetes',
    resources: [...RESOURCES, deployment, statefulSet]
      .flatMap((spec) => defineResource(clusters, spec))
      .concat(manifestResource(clusters)),
    data: [],
    facts: rules as ProviderFacts,
    configure: refuseMissingKubeconfig,
  };
}
