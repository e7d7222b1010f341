import type { Platform } from '../../platforms/schema/define-platform';
import { clusterAccess, inCluster } from '../cluster';
import { shipped } from '../command';
import { environmentsBy, usesGoogle } from '../delivered';
import { expression, input, secret } from '../expression';
import { GATE_ALLOWS, gateJob } from '../gate';
import { authenticate, logIn, permissionsFor, prepared, registrySecrets, setUpBuildx } from '../steps';
import type { Interface, Permissions, Workflow } from '../workflow';

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
  const shipping = inCluster(platform, environments, {
    name: 'Ship the service',
    id: 'ship',
    env: {
      SERVICE: input('service'),
      ENVIRONMENT: input('environment'),
      TAG: input('tag'),
      TRIGGER: input('trigger'),
      ...(environmentsBy(platform, 'ci-commit').length > 0 && { CONFIG_DEPLOY_KEY: secret('CONFIG_DEPLOY_KEY') }),
      ...(platform.slack && { SLACK_BOT_TOKEN: secret('SLACK_BOT_TOKEN') }),
    },
    run: shipped('TAG'),
  });
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
        outputs: { told: expression(shipping.map(({ id }) => `steps.${id}.outputs.told`).join(' || ')) },
        steps: [
          ...prepared(),
          ...(usesGoogle(platform, environments) ? [authenticate('GCP_DEPLOY_SERVICE_ACCOUNT', true)] : []),
          ...logIn(platform),
          setUpBuildx,
          ...clusterAccess(platform, environments),
          ...shipping,
        ],
      },
    },
  };
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
      ...registrySecrets(platform),
      ...(platform.slack && { SLACK_BOT_TOKEN: needed }),
    },
    outputs: {
      told: { description: '"true" once a failure was told in Slack', value: expression('jobs.ship.outputs.told') },
    },
  };
}
