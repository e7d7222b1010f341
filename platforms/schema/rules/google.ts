import { namesOf } from '../names';
import { secretsOf } from '../secrets';
import { pairs, type Refuse, type Rule, vmsOf } from './rule';

/** Rules for locations and names in Google Cloud. */
export const GOOGLE_RULES: readonly Rule[] = [
  {
    reads: ['google.region', 'google.zone'],
    check: ({ google: { region, zone } }, refuse) => {
      if (!zone.startsWith(`${region}-`))
        refuse(['google', 'zone'], `the zone must lie in region "${region}", such as "${region}-b"`);
    },
  },
  {
    reads: ['google.projects', 'environments.*.project', 'environments.*.cluster.kind'],
    check: ({ google: { projects }, environments }, refuse) => {
      for (const [env, { project, cluster }] of Object.entries(environments)) {
        const at = ['environments', env, 'project'];
        if (project && projects === 'shared')
          refuse(at, 'environments share google.project; leave this out, or set google.projects to "per-environment"');
        if (!project && projects === 'per-environment' && cluster.kind === 'k0s-vm')
          refuse(at, 'name the project of this environment, or set google.projects to "shared"');
      }
    },
  },
  {
    reads: ['google.projects', 'environments.*.project'],
    check: ({ google: { projects }, environments }, refuse) => {
      if (projects !== 'per-environment') return;
      for (const [[a, one], [b, other]] of pairs(Object.entries(environments))) {
        if (one.project && one.project === other.project)
          refuse(
            ['environments', b, 'project'],
            `environment "${a}" has this project already; give each its own, or set google.projects to "shared"`,
          );
      }
    },
  },
  {
    reads: ['google.project', 'registry', 'environments.*.project', 'environments.*.cluster.kind'],
    check: ({ google, registry, environments }, refuse) => {
      if (registry.kind !== 'artifact-registry' || Object.keys(environments).length === 0) return;
      const { owner } = registry;
      const environment = Object.hasOwn(environments, owner) ? environments[owner] : undefined;
      if (environment?.cluster.kind !== 'k0s-vm')
        refuse(
          ['registry', 'owner'],
          'name an environment whose cluster is "k0s-vm": its 00-vpc layer makes the registry',
        );
      else if (environment.project && environment.project !== google.project)
        refuse(
          ['registry', 'owner'],
          `the registry lies in google.project "${google.project}", so environment "${owner}" must be there too, not in "${environment.project}"`,
        );
    },
  },
  {
    reads: ['google.billing', 'environments.*.monthlyBudget'],
    check: ({ google, environments }, refuse) => {
      for (const [env, { monthlyBudget }] of Object.entries(environments)) {
        if (monthlyBudget !== undefined && !google.billing)
          refuse(
            ['environments', env, 'monthlyBudget'],
            'a budget is kept on a billing account; name it in google.billing, or leave the budget out',
          );
      }
    },
  },
  {
    reads: ['environments.*.backup', 'environments.*.cluster.kind'],
    check: ({ environments }, refuse) => {
      for (const [env, { backup, cluster }] of Object.entries(environments)) {
        if (backup && cluster.kind !== 'k0s-vm')
          refuse(
            ['environments', env, 'backup'],
            'its bucket is made by 00-vpc, which only a cluster of kind "k0s-vm" has; leave this out',
          );
      }
    },
  },
  {
    reads: ['name', 'secrets', 'environments'],
    check: (platform, refuse) => {
      for (const { env } of vmsOf(platform)) refuseLongNames(platform, env, refuse);
    },
  },
];

/** Builds the longest names of an environment and reports those that Google would reject. */
function refuseLongNames(platform: Parameters<Rule['check']>[0], env: string, refuse: Refuse): void {
  try {
    const names = namesOf(platform.name, env);
    names.bootDisk(99);
    names.account('watchdog');
    secretsOf(platform, env).forEach(names.secret);
  } catch (error) {
    refuse(['environments', env], (error as Error).message, env);
  }
}
