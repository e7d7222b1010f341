import type { Platform } from '../../platforms/schema/define-platform';
import { clusterAccess, inCluster } from '../cluster';
import { ours, value } from '../command';
import { branchesOf, hasVm } from '../delivered';
import { expression } from '../expression';
import { authenticate, HOSTED, installTerraform, permissionsFor, prepared } from '../steps';
import type { StepsJob, Workflow } from '../workflow';
import { layered } from './rehearsal';

/** Name of the workflow, and of the GitHub environment whose reviewers approve each of its runs. */
export const PLAN = 'plan';

/** Folder of the results. */
const RESULTS = 'results';

/** True for a branch of the repository itself: a fork gets no credentials. Both numbers are GitHub's own. */
const IS_OWN = 'github.event.pull_request.head.repo.id == github.event.repository.id';

/** Environments that a runner of GitHub can reach, on which alone code of a pull request may run. */
export function plannable(platform: Platform): string[] {
  return layered(platform).filter((env) => hasVm(platform, [env]));
}

/**
 * Plans what a pull request does to each environment, with credentials, once a reviewer has approved the run. A newer commit is a new
 * run, which needs an approval again. It plans the merge result, stores the plans, and leaves their summary as data for `plan-comment`.
 */
export function planCaller(platform: Platform): Workflow {
  const environments = plannable(platform);
  return {
    name: PLAN,
    on: { pull_request: { branches: branchesOf(platform, environments) } },
    env: { PLATFORM: platform.name },
    jobs: Object.fromEntries(environments.map((env) => [env, job(platform, env)])),
  };
}

function job(platform: Platform, env: string): StepsJob {
  return {
    name: env,
    if: IS_OWN,
    'runs-on': HOSTED,
    permissions: permissionsFor({ google: true, packages: false }),
    'timeout-minutes': 30,
    environment: PLAN,
    concurrency: { group: `plan-${env}-\${{ github.ref }}`, 'cancel-in-progress': false },
    steps: [
      ...prepared({ history: true }),
      installTerraform,
      authenticate('GCP_PLAN_SERVICE_ACCOUNT', true),
      ...clusterAccess(platform, [env], env),
      ...inCluster(platform, [env], {
        name: 'Plan the change',
        id: 'plan',
        env: { ENVIRONMENT: env, BASE: expression('github.event.pull_request.base.sha') },
        run: ours('plan', '--env', value('ENVIRONMENT'), '--base', value('BASE'), '--store', '--out', RESULTS),
      }),
      {
        name: 'Keep the plan',
        if: '!cancelled()',
        uses: 'actions/upload-artifact',
        with: { name: `plan-${env}`, path: RESULTS },
      },
    ],
  };
}
