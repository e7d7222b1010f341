import { environmentOf, type Platform } from '../../platforms/schema/define-platform';
import { type Command, option, ours, value } from '../command';
import { environmentsBy, usesGoogle } from '../delivered';
import { expression, input, secret } from '../expression';
import { GATE_ALLOWS, gateJob } from '../gate';
import { authenticate, clusterAccess, logIn, permissionsFor, prepared, setUpBuildx } from '../steps';
import type { CommandStep, Interface, Permissions, Step, Workflow } from '../workflow';

/** Environments that `ship` delivers images to. */
export function shippedEnvironments(platform: Platform): string[] {
  return environmentsBy(platform, 'ci-commit', 'image-updater');
}

/** Permissions of the job that ships. */
export function shipPermissions(platform: Platform): Permissions {
  const google = usesGoogle(platform, shippedEnvironments(platform));
  return permissionsFor({ google, packages: platform.registry.kind === 'ghcr' });
}

/** Takes an image to a verified rollout in one environment, once the gate allows it. */
export function ship(platform: Platform): Workflow {
  const environments = shippedEnvironments(platform);
  return {
    name: 'ship',
    on: { workflow_call: interfaceOf(platform) },
    env: { PLATFORM: platform.name },
    jobs: {
      gate: gateJob(expression('github.token')),
      ship: {
        name: 'ship',
        needs: ['gate'],
        if: GATE_ALLOWS,
        'runs-on': platform.runner,
        permissions: shipPermissions(platform),
        'timeout-minutes': 60,
        environment: input('environment'),
        // GitHub cancels a run that waits when a newer one of its group begins to wait. With one group for all services that
        // would drop the deployment of another service, so each service has a group; the lock keeps services apart.
        concurrency: { group: 'ship-${{ inputs.environment }}-${{ inputs.service }}', 'cancel-in-progress': false },
        outputs: { told: expression('steps.ship.outputs.told') },
        steps: [
          ...prepared(),
          ...(usesGoogle(platform, environments) ? [authenticate('GCP_DEPLOY_SERVICE_ACCOUNT', true)] : []),
          ...logIn(platform),
          setUpBuildx,
          ...clusterAccess(platform, environments),
          ...shipSteps(platform, environments),
        ],
      },
    },
  };
}

/** A VM is reached through a tunnel; other clusters directly. */
function shipSteps(platform: Platform, environments: readonly string[]): Step[] {
  const isPrivate = (env: string) => environmentOf(platform, env).cluster.kind === 'k0s-vm';
  const [inside, outside] = [environments.filter(isPrivate), environments.filter((env) => !isPrivate(env))];
  const words = ours(
    'ship',
    value('SERVICE'),
    '--env',
    value('ENVIRONMENT'),
    '--trigger',
    value('TRIGGER'),
    option('--tag', 'TAG'),
  );
  const step = (run: Command): CommandStep => ({
    name: 'Ship the service',
    id: 'ship',
    env: {
      SERVICE: input('service'),
      ENVIRONMENT: input('environment'),
      TAG: input('tag'),
      TRIGGER: input('trigger'),
      CONFIG_DEPLOY_KEY: secret('CONFIG_DEPLOY_KEY'),
      ...(platform.slack && { SLACK_BOT_TOKEN: secret('SLACK_BOT_TOKEN') }),
    },
    run,
  });
  if (outside.length === 0) return [step(ours('tunnel', value('ENVIRONMENT'), '--', ...words))];
  if (inside.length === 0) return [step(words)];
  throw new Error(
    `platform "${platform.name}" ships to VMs (${inside.join(', ')}) and to other clusters (${outside.join(', ')}); ` +
      'describe one workflow for each',
  );
}

function interfaceOf(platform: Platform): Interface {
  const text = (description: string, required = true) => ({ description, type: 'string', required }) as const;
  const needed = { required: true };
  return {
    inputs: {
      service: text('service, or one of the own images that no service runs'),
      environment: text(`environment: ${shippedEnvironments(platform).join(', ')}`),
      trigger: text('push, or manual for a deployment that a person started'),
      tag: text('tag that the registry has; without one, that of the commit', false),
    },
    secrets: {
      ...(environmentsBy(platform, 'ci-commit').length > 0 && { CONFIG_DEPLOY_KEY: needed }),
      ...(platform.registry.kind === 'docker-hub' && { DOCKERHUB_USERNAME: needed, DOCKERHUB_TOKEN: needed }),
      ...(platform.slack && { SLACK_BOT_TOKEN: needed }),
    },
    outputs: {
      told: { description: '"true" once a failure was told in Slack', value: expression('jobs.ship.outputs.told') },
    },
  };
}
