import type { Platform } from '../../platforms/schema/define-platform';
import { ours, value } from '../command';
import { imagesBySource, repositoryName, usesGoogle } from '../delivered';
import { expression, input, secret } from '../expression';
import { authenticate, checkOutSource, logIn, permissionsFor, prepared, registrySecrets, setUpBuildx } from '../steps';
import type { Interface, Permissions, Workflow } from '../workflow';

/** Permissions of the job that builds. */
export function buildPermissions(platform: Platform): Permissions {
  return permissionsFor({ google: usesGoogle(platform, []), packages: platform.registry.kind === 'ghcr' });
}

/** Builds the image of a service from the commit that started the run, unless the registry has it, and pushes it. */
export function buildImage(platform: Platform): Workflow {
  const { own } = imagesBySource(platform);
  const isElsewhere = own.length === 0;
  const branch = input('branch');
  const token = secret('REPO_ACCESS_TOKEN');
  const repository = { name: repositoryName(platform.repository.url), branch, token };
  return {
    name: 'build-image',
    on: { workflow_call: interfaceOf(platform, isElsewhere) },
    env: { PLATFORM: platform.name },
    jobs: {
      build: {
        name: 'build',
        'runs-on': platform.runner,
        permissions: buildPermissions(platform),
        'timeout-minutes': 60,
        outputs: { tag: expression('steps.build.outputs.tag'), told: expression('steps.build.outputs.told') },
        steps: [
          ...prepared(isElsewhere ? { repository } : {}),
          ...(isElsewhere ? [checkOutSource] : []),
          ...(usesGoogle(platform, []) ? [authenticate('GCP_BUILD_SERVICE_ACCOUNT', false)] : []),
          ...logIn(platform),
          setUpBuildx,
          {
            name: 'Build and push the image',
            id: 'build',
            env: {
              SERVICE: input('service'),
              ENVIRONMENT: input('environment'),
              REPO_ACCESS_TOKEN: isElsewhere ? token : expression('github.token'),
              ...(platform.slack && { SLACK_BOT_TOKEN: secret('SLACK_BOT_TOKEN') }),
            },
            run: ours(
              'ship',
              value('SERVICE'),
              '--env',
              value('ENVIRONMENT'),
              '--build-only',
              ...(isElsewhere ? ['--source', 'source'] : []),
            ),
          },
        ],
      },
    },
  };
}

function interfaceOf(platform: Platform, isElsewhere: boolean): Interface {
  const text = (description: string) => ({ description, type: 'string', required: true }) as const;
  const needed = { required: true };
  return {
    inputs: {
      service: text('service, or one of the own images that no service runs'),
      environment: text('one of the environments that the image is for'),
      ...(isElsewhere && { branch: text('branch of the config repository') }),
    },
    secrets: {
      ...(isElsewhere && { REPO_ACCESS_TOKEN: needed }),
      ...registrySecrets(platform),
      ...(platform.slack && { SLACK_BOT_TOKEN: needed }),
    },
    outputs: {
      tag: { description: 'tag of the image', value: expression('jobs.build.outputs.tag') },
      told: { description: '"true" once a failure was told in Slack', value: expression('jobs.build.outputs.told') },
    },
  };
}
