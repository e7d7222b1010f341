import { secretNames } from '../../delivery/push-apply/deploy';
import { environmentOf, type Platform } from '../../platforms/schema/define-platform';
import { clusterAccess, inCluster } from '../cluster';
import { shipped } from '../command';
import { environmentsBy, hasVm } from '../delivered';
import { expression, input, secret } from '../expression';
import { GATE_ALLOWS, gateJob } from '../gate';
import { authenticate, permissionsFor, prepared } from '../steps';
import type { Permissions, Workflow } from '../workflow';

/** Names of the secrets that a workflow needs to apply any of the environments. All of them belong to a GitHub environment. */
function appliedSecrets(platform: Platform): string[] {
  const environments = environmentsBy(platform, 'push-apply');
  const values = environments.flatMap((env) => secretNames({ platform, env }));
  const hasKubeconfig = environments.some((env) => environmentOf(platform, env).cluster.kind === 'hetzner-k3s');
  return [...new Set([...(hasKubeconfig ? ['KUBECONFIG'] : []), ...values])];
}

/** Permissions of the job that applies. */
export function applyPermissions(platform: Platform): Permissions {
  return permissionsFor({ google: hasVm(platform, environmentsBy(platform, 'push-apply')), packages: false });
}

/** Applies one environment that has no Argo CD, once the gate allows it: rollout, verification, and back on failure. */
export function pushApply(platform: Platform): Workflow {
  const environments = environmentsBy(platform, 'push-apply');
  const text = (description: string, required = true) => ({ description, type: 'string', required }) as const;
  const names = appliedSecrets(platform);
  const values = names.filter((name) => name !== 'KUBECONFIG');
  const isPrivate = hasVm(platform, environments);
  return {
    name: 'push-apply',
    on: {
      workflow_call: {
        inputs: {
          service: text('service that the gate is asked about; the whole environment is applied'),
          environment: text(`environment: ${environments.join(', ')}`),
          trigger: text('push, or manual for a deployment that a person started'),
          tag: text('commit to apply; without one, the newest that changed the manifests', false),
        },
        // An environment does not need those of another one.
        secrets: Object.fromEntries(names.map((name) => [name, { required: false }])),
      },
    },
    env: { PLATFORM: platform.name },
    jobs: {
      gate: gateJob(expression('github.token')),
      apply: {
        name: 'apply',
        needs: ['gate'],
        if: GATE_ALLOWS,
        'runs-on': platform.runner,
        permissions: applyPermissions(platform),
        'timeout-minutes': 60,
        environment: input('environment'),
        concurrency: { group: 'push-apply-${{ inputs.environment }}', 'cancel-in-progress': false },
        steps: [
          ...prepared(),
          ...(isPrivate ? [authenticate('GCP_DEPLOY_SERVICE_ACCOUNT', true)] : []),
          ...clusterAccess(platform, environments),
          ...inCluster(platform, environments, {
            name: 'Apply the environment',
            id: 'apply',
            env: {
              SERVICE: input('service'),
              ENVIRONMENT: input('environment'),
              COMMIT: input('tag'),
              TRIGGER: input('trigger'),
              REPO_ACCESS_TOKEN: expression('github.token'),
              ...Object.fromEntries(values.map((name) => [name, secret(name)])),
            },
            run: shipped('COMMIT'),
          }),
        ],
      },
    },
  };
}
