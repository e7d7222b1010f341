import type { Contract } from './contract';

/** What 0-bootstrap exports. An identity that the platform does not need is an empty string. */
export const BOOTSTRAP = {
  layer: '0-bootstrap',
  outputs: {
    project_id: 'Google project of the platform',
    workload_identity_pool: 'full name of the workload identity pool that trusts GitHub',
    workload_identity_provider: 'full name of the provider in the pool, which workflows sign in with',
    plan_service_account: 'identity that plans',
    build_service_account: 'identity that pushes images to Artifact Registry',
    apply_service_account: 'identity that applies the layers of this environment',
    deploy_service_account: 'identity that ships to this environment',
  },
} as const satisfies Contract;
