import { environmentOf, type Platform } from '../../platforms/schema/define-platform';
import { awakeHours } from '../../platforms/schema/power';
import { clusterAccess, inCluster } from '../cluster';
import { ours, value } from '../command';
import { expression } from '../expression';
import { authenticate, installTerraform, permissionsFor, prepared } from '../steps';
import type { StepsJob, Workflow } from '../workflow';
import { layered } from './rehearsal';

/** Two days of a year, since daylight saving time moves the hours of a power schedule. */
const DAYS = ['2026-01-15', '2026-07-15'];

/**
 * The workflow that compares environments with their description once a day, while their clusters are awake. Each has one issue, which
 * is opened, updated and closed. A difference fails its job.
 */
export function driftCaller(platform: Platform): Workflow {
  const environments = layered(platform);
  return {
    name: 'drift',
    on: { schedule: [{ cron: `17 ${hourOf(platform, environments)} * * *` }], workflow_dispatch: {} },
    env: { PLATFORM: platform.name },
    // Two runs at once would open two issues.
    concurrency: { group: 'drift', 'cancel-in-progress': false },
    jobs: Object.fromEntries(environments.map((env) => [env, job(platform, env)])),
  };
}

function job(platform: Platform, env: string): StepsJob {
  return {
    name: env,
    'runs-on': platform.runner,
    permissions: { ...permissionsFor({ google: true, packages: false }), issues: 'write' },
    'timeout-minutes': 30,
    // Only the GitHub environment has the kubeconfig of such a cluster.
    ...(environmentOf(platform, env).cluster.kind === 'hetzner-k3s' && {
      environment: env,
      concurrency: { group: `drift-${env}`, 'cancel-in-progress': false },
    }),
    steps: [
      ...prepared(),
      installTerraform,
      authenticate('GCP_PLAN_SERVICE_ACCOUNT', true),
      ...clusterAccess(platform, [env], env),
      ...inCluster(platform, [env], {
        name: 'Compare the environment with its description',
        id: 'drift',
        env: { ENVIRONMENT: env, GITHUB_TOKEN: expression('github.token') },
        run: ours('drift', '--env', value('ENVIRONMENT'), '--issue'),
      }),
    ],
  };
}

/** An hour in UTC, the one after it included, in which every VM is awake; otherwise an hour at which few people work. */
function hourOf(platform: Platform, environments: readonly string[]): number {
  const isAwake = (env: string, hour: number) => {
    const { cluster } = environmentOf(platform, env);
    if (cluster.kind !== 'k0s-vm' || !cluster.power) return true;
    const { power } = cluster;
    return DAYS.every((day) =>
      awakeHours(power).includes(localHour(`${day}T${String(hour).padStart(2, '0')}:17:00Z`, power.timeZone)),
    );
  };
  const hours = Array.from({ length: 24 }, (_, index) => (index + 6) % 24);
  return hours.find((hour) => environments.every((env) => isAwake(env, hour) && isAwake(env, (hour + 1) % 24))) ?? 6;
}

function localHour(moment: string, timeZone: string): number {
  return Number(
    new Intl.DateTimeFormat('en', { timeZone, hour: 'numeric', hourCycle: 'h23' }).format(new Date(moment)),
  );
}
