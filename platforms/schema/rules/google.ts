import { namesOf } from '../names';
import { secretsOf } from '../secrets';
import { pairs, type Refuse, type Rule, vmsOf } from './rule';

/** Rules for locations and names in Google Cloud. */
export const GOOGLE_RULES: readonly Rule[] = [
  {
    reads: ['google.region', 'google.zone'],
    check: ({ google: { region, zone } }, refuse) => {
      if (!zone.startsWith(`${region}-`))
        refuse(['google', 'zone'], `must be a zone of region "${region}", such as "${region}-b"`);
    },
  },
  {
    reads: ['google.projects', 'environments.*.project', 'environments.*.cluster.kind'],
    check: ({ google: { projects }, environments }, refuse) => {
      for (const [env, { project, cluster }] of Object.entries(environments)) {
        const at = ['environments', env, 'project'];
        if (project && projects === 'shared')
          refuse(
            at,
            'environments share google.project; remove this field, or set google.projects to "per-environment"',
          );
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
            `environment "${a}" has the same project; use different projects, or set google.projects to "shared"`,
          );
      }
    },
  },
  {
    reads: ['google.project', 'registry', 'environments.*.project', 'environments.*.cluster.kind'],
    check: ({ google, registry, environments }, refuse) => {
      if (registry.kind !== 'artifact-registry' || Object.keys(environments).length === 0) return;
      const { owner } = registry;
      const environment = environments[owner];
      if (environment?.cluster.kind !== 'k0s-vm')
        refuse(
          ['registry', 'owner'],
          'must be an environment with cluster kind "k0s-vm", whose 00-vpc layer creates the registry',
        );
      else if (environment.project && environment.project !== google.project)
        refuse(
          ['registry', 'owner'],
          `the registry is in google.project "${google.project}", so environment "${owner}" must be in that project, not in "${environment.project}"`,
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
            'a budget needs a billing account; set google.billing, or remove the budget',
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
            'only 00-vpc creates the bucket, and only environments with cluster kind "k0s-vm" have that layer; remove this field',
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
