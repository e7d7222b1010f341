import { environmentOf, type Platform } from '../../platforms/schema/define-platform';
import { branchesOf, branchOf, hetznerEnvironments } from '../delivered';
import { expression } from '../expression';
import { hetznerCluster } from '../reusable/hetzner-cluster';
import { applyPermissions, pushApply } from '../reusable/push-apply';
import type { CallJob, Workflow } from '../workflow';
import { secretsOf, TRIGGER, WORKFLOWS } from './service';

/**
 * The workflow of clusters on Hetzner Cloud. A push that changes the configuration of a cluster creates it, or changes it to what the
 * configuration says, and then applies the environment; a person can also check or delete it.
 */
export function clusterCaller(platform: Platform): Workflow {
  const environments = hetznerEnvironments(platform);
  return {
    name: 'cluster',
    on: {
      push: { branches: branchesOf(platform, environments), paths: [`k8s/${platform.name}/*/*/cluster/**`] },
      workflow_dispatch: {
        inputs: {
          action: { description: 'action', required: true, type: 'choice', options: ['create', 'check', 'delete'] },
          environment: { description: 'environment', required: true, type: 'choice', options: environments },
          confirm: { description: 'to delete a cluster: its name', required: false, type: 'string' },
        },
      },
    },
    jobs: Object.fromEntries(environments.flatMap((env) => jobsOf(platform, env))),
  };
}

function jobsOf(platform: Platform, env: string): [string, CallJob][] {
  const service = Object.keys(platform.services)[0] ?? '';
  const shared = { service, environment: env, trigger: TRIGGER };
  const cluster: CallJob = {
    name: `cluster of ${env}`,
    if: `github.event_name == 'push' && github.ref_name == '${branchOf(platform, env)}' || inputs.environment == '${env}'`,
    permissions: { contents: 'read' },
    uses: `./${WORKFLOWS}/hetzner-cluster.yml`,
    with: { ...shared, action: expression("inputs.action || 'create'"), confirm: expression('inputs.confirm') },
    secrets: secretsOf(hetznerCluster(platform)),
  };
  const apply: CallJob = {
    name: env,
    needs: [env],
    if: `needs.${env}.outputs.created == 'true'`,
    permissions: applyPermissions(platform),
    uses: `./${WORKFLOWS}/push-apply.yml`,
    with: shared,
    secrets: secretsOf(pushApply(platform)),
  };
  const isApplied = environmentOf(platform, env).delivery.kind === 'push-apply';
  return [[env, cluster], ...(isApplied ? [[`apply-${env}`, apply] as [string, CallJob]] : [])];
}
