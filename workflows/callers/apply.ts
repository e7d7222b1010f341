import { environmentOf, type Platform } from '../../platforms/schema/define-platform';
import { clusterAccess, inCluster } from '../cluster';
import { option, ours, value } from '../command';
import { input } from '../expression';
import { authenticate, installTerraform, permissionsFor, prepared } from '../steps';
import type { StepsJob, Workflow } from '../workflow';
import { layered } from './rehearsal';

/**
 * The workflow of infrastructure: a maintainer plans an environment, and applies what was reviewed. Plans are stored next to the
 * states; the identity that plans may create them, and the one that applies may read them.
 */
export function applyCaller(platform: Platform): Workflow {
  const environments = layered(platform);
  return {
    name: 'apply',
    on: {
      workflow_dispatch: {
        inputs: {
          environment: { description: 'environment', required: true, type: 'choice', options: environments },
          plan: {
            description: 'reference of the reviewed plan; without one, the environment is planned for a review',
            required: false,
            type: 'string',
          },
        },
      },
    },
    env: { PLATFORM: platform.name },
    jobs: {
      plan: {
        ...job(platform, environments, 'plan'),
        if: '!inputs.plan',
        // Only the GitHub environment has the kubeconfig of such a cluster.
        ...(hasHetzner(platform, environments) && { environment: input('environment') }),
      },
      apply: {
        ...job(platform, environments, 'apply'),
        if: 'inputs.plan',
        environment: input('environment'),
      },
    },
  };
}

function job(platform: Platform, environments: readonly string[], what: 'plan' | 'apply'): StepsJob {
  const words =
    what === 'plan'
      ? ours('plan', '--env', value('ENVIRONMENT'), '--store', '--markdown')
      : ours('apply', '--env', value('ENVIRONMENT'), option('--plan', 'PLAN'));
  return {
    name: what,
    'runs-on': platform.runner,
    // The states are in a bucket of Google Cloud, wherever the cluster is.
    permissions: permissionsFor({ google: true, packages: false }),
    'timeout-minutes': 60,
    concurrency: { group: `${what}-\${{ inputs.environment }}`, 'cancel-in-progress': false },
    steps: [
      ...prepared(),
      installTerraform,
      authenticate(what === 'plan' ? 'GCP_PLAN_SERVICE_ACCOUNT' : 'GCP_APPLY_SERVICE_ACCOUNT', true),
      ...clusterAccess(platform, environments),
      ...inCluster(platform, environments, {
        name: what === 'plan' ? 'Plan the environment' : 'Apply the reviewed plan',
        id: what,
        env: { ENVIRONMENT: input('environment'), ...(what === 'apply' && { PLAN: input('plan') }) },
        run: words,
      }),
    ],
  };
}

function hasHetzner(platform: Platform, environments: readonly string[]): boolean {
  return environments.some((env) => environmentOf(platform, env).cluster.kind === 'hetzner-k3s');
}
