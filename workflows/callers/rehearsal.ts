import type { Platform } from '../../platforms/schema/define-platform';
import { layersOf } from '../../platforms/schema/environment';
import { ours, value } from '../command';
import { branchesOf, reachable } from '../delivered';
import { expression } from '../expression';
import { HOSTED, installTerraform, prepared } from '../steps';
import type { StepsJob, Workflow } from '../workflow';

/** Name of the workflow, and folder of its reports. */
export const REHEARSAL = 'rehearsal';
const REPORTS = 'reports';

/** Environments whose layers can be rehearsed. */
export function layered(platform: Platform): string[] {
  return reachable(platform).filter((env) => layersOf(platform, env).length > 0);
}

/**
 * Rehearses what a pull request does to each environment, forks included: the job has no secret and no access to any cloud. Once a
 * week it rehearses both recoveries of the default branch.
 */
export function rehearsalCaller(platform: Platform): Workflow {
  const environments = layered(platform);
  return {
    name: REHEARSAL,
    on: {
      pull_request: { branches: branchesOf(platform, environments) },
      schedule: [{ cron: '41 5 * * 1' }],
      workflow_dispatch: {},
    },
    env: { PLATFORM: platform.name },
    concurrency: { group: 'rehearsal-${{ github.ref }}', 'cancel-in-progress': true },
    jobs: Object.fromEntries(environments.map((env) => [env, job(env)])),
  };
}

function job(env: string): StepsJob {
  return {
    name: env,
    'runs-on': HOSTED,
    permissions: { contents: 'read' },
    'timeout-minutes': 30,
    steps: [
      ...prepared({ history: true }),
      installTerraform,
      {
        name: 'Rehearse both recoveries',
        if: "github.event_name != 'pull_request'",
        run: ours('rehearse', '--env', env, '--report', REPORTS),
      },
      {
        name: 'Rehearse the change',
        if: "github.event_name == 'pull_request'",
        env: { BASE: expression('github.event.pull_request.base.sha') },
        run: ours('rehearse', '--from', value('BASE'), '--env', env, '--report', REPORTS),
      },
      {
        name: 'Keep the reports',
        if: '!cancelled()',
        uses: 'actions/upload-artifact',
        with: { name: `rehearsal-${env}`, path: REPORTS },
      },
    ],
  };
}
