import type { Platform } from '../../platforms/schema/define-platform';
import { clusterAccess } from '../cluster';
import { ours, value } from '../command';
import { hetznerEnvironments } from '../delivered';
import { expression, input, secret, variable } from '../expression';
import { GATE_ALLOWS, gateJob } from '../gate';
import { HOSTED, prepared } from '../steps';
import type { CommandStep, Step, Workflow } from '../workflow';

/** Secrets that create or delete a cluster. The last one writes `KUBECONFIG`, which the token of a workflow may not. */
const SECRETS = ['HETZNER_TOKEN', 'HETZNER_SSH_PRIVATE_KEY', 'HETZNER_SSH_PUBLIC_KEY', 'INFRA_DEPLOY_TOKEN'];

/** Creates, checks or deletes the cluster of an environment on Hetzner Cloud. A push creates it only where the gate allows it. */
export function hetznerCluster(platform: Platform): Workflow {
  const environments = hetznerEnvironments(platform);
  const text = (description: string, required = true) => ({ description, type: 'string', required }) as const;
  return {
    name: 'hetzner-cluster',
    on: {
      workflow_call: {
        inputs: {
          action: text('create, check or delete'),
          environment: text(`environment: ${environments.join(', ')}`),
          service: text('service that the gate is asked about'),
          trigger: text('push, or manual for what a person started'),
          confirm: text('name of the cluster, to delete it', false),
        },
        secrets: {
          ...Object.fromEntries(SECRETS.map((name) => [name, { required: true }])),
          KUBECONFIG: { required: false },
        },
        outputs: {
          created: {
            description: '"true" once the cluster is ready',
            value: expression('jobs.cluster.outputs.created'),
          },
        },
      },
    },
    env: { PLATFORM: platform.name },
    jobs: {
      gate: gateJob(expression('github.token'), { isTagged: false }),
      cluster: {
        name: 'cluster',
        needs: ['gate'],
        if: GATE_ALLOWS,
        'runs-on': HOSTED,
        permissions: { contents: 'read' },
        'timeout-minutes': 60,
        environment: input('environment'),
        concurrency: { group: 'cluster-${{ inputs.environment }}', 'cancel-in-progress': false },
        outputs: { created: expression("steps.create.outcome == 'success'") },
        steps: [
          ...prepared(),
          {
            name: 'Install hetzner-k3s',
            if: "inputs.action != 'check'",
            env: { HETZNER_K3S_SHA256: variable('HETZNER_K3S_SHA256') },
            run: ours('cluster', 'install'),
          },
          step('create', 'Create the cluster', ['--trigger', value('TRIGGER'), '--no-apply'], {
            TRIGGER: input('trigger'),
            ...secrets(SECRETS),
          }),
          ...clusterAccess(platform, environments).map((one): Step => ({ ...one, if: "inputs.action == 'check'" })),
          step('check', 'Check the cluster', []),
          step('delete', 'Delete the cluster', ['--confirm', value('CONFIRM')], {
            CONFIRM: input('confirm'),
            ...secrets(SECRETS.slice(0, 3)),
          }),
        ],
      },
    },
  };
}

function step(
  action: 'create' | 'check' | 'delete',
  name: string,
  words: CommandStep['run'],
  env: Readonly<Record<string, string>> = {},
): CommandStep {
  return {
    name,
    ...(action === 'create' && { id: action }),
    if: `inputs.action == '${action}'`,
    env: { ENVIRONMENT: input('environment'), ...env },
    run: ours('cluster', action, '--env', value('ENVIRONMENT'), ...words),
  };
}

function secrets(names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, secret(name)]));
}
