import type { OwnImage } from '../../delivery/image/own-images';
import type { Platform } from '../../platforms/schema/define-platform';
import { branchesOf, branchOf, environmentsBy, repositoryName } from '../delivered';
import { expression } from '../expression';
import { buildImage, buildPermissions } from '../reusable/build-image';
import { updateManifest, updatePermissions } from '../reusable/update-manifest';
import type { CallJob, Workflow } from '../workflow';
import { secretsOf, TRIGGER, WORKFLOWS } from './service';

/**
 * The workflow of a service in a separate repository: a push builds its image, and writes its tag to the config repository, on the
 * branch of the same name. It replaces workflows that applied to the cluster.
 */
export function otherRepositoryCaller(platform: Platform, image: OwnImage): Workflow {
  const environments = environmentsBy(platform, 'config-repository');
  const { url, branch } = platform.repository;
  const shared = (name: string) => `${repositoryName(url)}/${WORKFLOWS}/${name}.yml@${branch}`;
  const update = (env: string): CallJob => ({
    name: env,
    needs: ['build'],
    if: `github.ref_name == '${branchOf(platform, env)}'`,
    permissions: updatePermissions(platform),
    uses: shared('update-manifest'),
    with: {
      service: image.name,
      environment: env,
      branch: branchOf(platform, env),
      trigger: TRIGGER,
      tag: expression('needs.build.outputs.tag'),
    },
    secrets: secretsOf(updateManifest(platform)),
  });
  return {
    name: 'deliver',
    on: {
      push: { branches: branchesOf(platform, environments), paths: ['**'] },
      workflow_dispatch: {},
    },
    jobs: {
      build: {
        name: 'build',
        permissions: buildPermissions(platform),
        uses: shared('build-image'),
        with: { service: image.name, environment: environments[0] ?? '', branch },
        secrets: secretsOf(buildImage(platform)),
      },
      ...Object.fromEntries(environments.map((env) => [env, update(env)])),
    },
  };
}
