import type { Platform } from '../../platforms/schema/define-platform';
import { ours, value } from '../command';
import { environmentsBy, repositoryName, usesGoogle } from '../delivered';
import { input, secret } from '../expression';
import { GATE_ALLOWS, gateJob } from '../gate';
import { authenticate, HOSTED, logIn, prepared, registrySecrets } from '../steps';
import type { Permissions, Workflow } from '../workflow';

/** Permissions of the job that writes a tag: it reads the registry, and nothing of the service's repository. */
export function updatePermissions(platform: Platform): Permissions {
  const { kind } = platform.registry;
  return {
    ...(kind === 'artifact-registry' && { 'id-token': 'write' as const }),
    ...(kind === 'ghcr' && { packages: 'read' as const }),
  };
}

/**
 * Writes the tag of a service to the config repository, on the branch of the environment, once the gate allows it. Called by the
 * repository of a service. It has no credential for any cluster: Argo CD follows the branch.
 */
export function updateManifest(platform: Platform): Workflow {
  const environments = environmentsBy(platform, 'config-repository');
  const text = (description: string) => ({ description, type: 'string', required: true }) as const;
  const token = secret('REPO_ACCESS_TOKEN');
  const repository = { name: repositoryName(platform.repository.url), branch: input('branch'), token };
  return {
    name: 'update-manifest',
    on: {
      workflow_call: {
        inputs: {
          service: text('service of the platform'),
          environment: text(`environment: ${environments.join(', ')}`),
          branch: text('branch of the config repository that the environment follows'),
          trigger: text('push, or manual for a deployment that a person started'),
          tag: text('tag that the registry has'),
        },
        secrets: { REPO_ACCESS_TOKEN: { required: true }, ...registrySecrets(platform) },
      },
    },
    env: { PLATFORM: platform.name },
    jobs: {
      gate: gateJob(token, { repository }),
      update: {
        name: 'update',
        needs: ['gate'],
        if: GATE_ALLOWS,
        'runs-on': HOSTED,
        permissions: updatePermissions(platform),
        'timeout-minutes': 30,
        concurrency: { group: 'update-${{ inputs.environment }}-${{ inputs.service }}', 'cancel-in-progress': false },
        steps: [
          ...prepared({ repository }),
          ...(usesGoogle(platform, []) ? [authenticate('GCP_BUILD_SERVICE_ACCOUNT', false)] : []),
          ...logIn(platform),
          {
            name: 'Write the tag',
            env: {
              SERVICE: input('service'),
              ENVIRONMENT: input('environment'),
              TAG: input('tag'),
              TRIGGER: input('trigger'),
              REPO_ACCESS_TOKEN: token,
            },
            run: ours(
              'ship',
              value('SERVICE'),
              '--env',
              value('ENVIRONMENT'),
              '--tag',
              value('TAG'),
              '--trigger',
              value('TRIGGER'),
              '--no-wait',
            ),
          },
        ],
      },
    },
  };
}
