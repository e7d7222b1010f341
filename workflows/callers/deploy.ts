import type { Platform } from '../../platforms/schema/define-platform';
import { ours, value } from '../command';
import { branchesOf, branchOf, environmentsBy } from '../delivered';
import { expression } from '../expression';
import { applyPermissions, pushApply } from '../reusable/push-apply';
import { HOSTED, prepared } from '../steps';
import type { CallJob, Workflow } from '../workflow';
import { secretsOf, TRIGGER, WORKFLOWS } from './service';

/** The workflow of environments that CI applies: a push applies those that it concerns, where the gate allows it. */
export function deployCaller(platform: Platform): Workflow {
  const environments = environmentsBy(platform, 'push-apply');
  const services = Object.keys(platform.services);
  return {
    name: 'deploy',
    on: {
      push: {
        branches: [...new Set([platform.repository.branch, ...branchesOf(platform, environments)])],
        // A change of a cluster's machines is not applied to it.
        paths: [
          `k8s/${platform.name}/**`,
          `!k8s/${platform.name}/*/*/cluster/**`,
          `platforms/${platform.name}/deploy-control.yaml`,
        ],
      },
      workflow_dispatch: {
        inputs: {
          environment: { description: 'environment', required: true, type: 'choice', options: environments },
          tag: {
            description: 'commit to apply; without one, the newest of the branch',
            required: false,
            type: 'string',
          },
        },
      },
    },
    jobs: {
      changes: {
        name: 'changes',
        if: "github.event_name == 'push'",
        'runs-on': HOSTED,
        permissions: { contents: 'read' },
        'timeout-minutes': 15,
        outputs: { environments: expression('steps.changes.outputs.environments') },
        steps: [
          ...prepared({ history: true }),
          {
            name: 'List the environments that the push concerns',
            id: 'changes',
            env: {
              PLATFORM: platform.name,
              BEFORE: expression('github.event.before'),
              BRANCH: expression('github.ref_name'),
            },
            run: ours('push-apply', 'changes', '--since', value('BEFORE'), '--branch', value('BRANCH')),
          },
        ],
      },
      ...Object.fromEntries(environments.map((env) => [env, applyJob(platform, env, services[0] ?? '')])),
    },
  };
}

function applyJob(platform: Platform, env: string, service: string): CallJob {
  const concerned = `contains(fromJSON(needs.changes.outputs.environments || '[]'), '${env}')`;
  return {
    name: `${env} (${branchOf(platform, env)})`,
    needs: ['changes'],
    if: `!failure() && !cancelled() && (${concerned} || inputs.environment == '${env}')`,
    permissions: applyPermissions(platform),
    uses: `./${WORKFLOWS}/push-apply.yml`,
    with: { service, environment: env, trigger: TRIGGER, tag: expression('inputs.tag') },
    secrets: secretsOf(pushApply(platform)),
  };
}
