import { namesOf } from '../names';
import { secretsOf } from '../secrets';
import { type Refuse, type Rule, vmsOf } from './rule';

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
    reads: ['registry', 'environments.*.cluster.kind'],
    check: ({ registry, environments }, refuse) => {
      if (registry.kind !== 'artifact-registry' || Object.keys(environments).length === 0) return;
      const { owner } = registry;
      const environment = Object.hasOwn(environments, owner) ? environments[owner] : undefined;
      if (environment?.cluster.kind !== 'k0s-vm')
        refuse(
          ['registry', 'owner'],
          'must be an environment with cluster kind "k0s-vm", whose 00-vpc layer creates the registry',
        );
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
