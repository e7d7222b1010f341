import type { Platform } from '../../platforms/schema/define-platform';
import { ours } from '../command';
import { branchesOf, environmentsBy } from '../delivered';
import { HOSTED, installTerraform, prepared } from '../steps';
import type { Workflow } from '../workflow';

/**
 * The workflow of pull requests: every check and test, and whether each environment that CI applies can be built. It has no secret and
 * no access to any cloud or cluster. Once a week it shows what a newer runner changes.
 */
export function checkCaller(platform: Platform): Workflow {
  const branches = branchesOf(platform, Object.keys(platform.environments));
  return {
    name: 'check',
    on: { pull_request: { branches }, schedule: [{ cron: '23 4 * * 1' }], workflow_dispatch: {} },
    env: { PLATFORM: platform.name },
    // Nothing depends on a run whose commit is no longer the newest.
    concurrency: { group: 'check-${{ github.ref }}', 'cancel-in-progress': true },
    jobs: {
      check: {
        name: 'check',
        'runs-on': HOSTED,
        permissions: { contents: 'read' },
        'timeout-minutes': 90,
        steps: [
          ...prepared(),
          installTerraform,
          { name: 'Check and test', run: ['npm', 'run', 'check'] },
          ...environmentsBy(platform, 'push-apply').map((env) => ({
            name: `Build what is applied to ${env}`,
            run: ours('push-apply', 'validate', '--env', env),
          })),
        ],
      },
    },
  };
}
