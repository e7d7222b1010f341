import { environmentOf } from '../../../platforms/schema/define-platform';
import { type Check, type Family, ok, unchecked, wrong } from '../check';
import type { Surroundings } from '../surroundings';

/** A program that commands run. */
interface Tool {
  readonly name: string;
  readonly args: readonly string[];
  /** The oldest version that works. */
  readonly minimum: string;
  /** Why, for the message. */
  readonly why: string;
  readonly install: string;
  /** @default - always */
  readonly needed?: (at: Surroundings) => boolean;
}

const TOOLS: readonly Tool[] = [
  {
    name: 'node',
    args: ['--version'],
    minimum: '20.19',
    why: 'package.json requires it',
    install: 'https://nodejs.org/en/download',
  },
  {
    name: 'git',
    args: ['--version'],
    minimum: '2.31',
    why: 'it reads its configuration from the environment since then',
    install: 'https://git-scm.com/downloads',
  },
  {
    name: 'terraform',
    args: ['version'],
    minimum: '1.7',
    why: 'a restore uses removed blocks',
    install: 'https://developer.hashicorp.com/terraform/install',
  },
  {
    name: 'kubectl',
    args: ['version', '--client'],
    minimum: '1.27',
    why: 'its kustomize builds the overlays',
    install: 'https://kubernetes.io/docs/tasks/tools/',
  },
  {
    name: 'gcloud',
    args: ['version'],
    minimum: '400',
    why: 'kubeconfig and tunnel use it',
    install: 'https://cloud.google.com/sdk/docs/install',
    needed: ({ platform, env }) => environmentOf(platform, env).cluster.kind === 'k0s-vm',
  },
];

/** The programs that commands run. */
export const tools: Family = { family: 'tools', checks: TOOLS.map(checkOf) };

function checkOf({ name, args, minimum, why, install, needed = () => true }: Tool): Check {
  return {
    name,
    look: async (at) => {
      if (!needed(at)) return unchecked('no command uses it in this environment');
      const fix = `install ${name} ${minimum} or later: ${install}`;
      const printed = await at.run(name, args).catch(() => undefined);
      if (printed?.code !== 0) return wrong(`${name} is not installed, or not on PATH`, fix);
      const [version] = /\d+\.\d+(\.\d+)?/.exec(printed.stdout) ?? [];
      if (version === undefined) return unchecked(`${name} printed no version`);
      return isBelow(version, minimum)
        ? wrong(`${name} ${version} is older than ${minimum}: ${why}`, fix)
        : ok(version);
    },
  };
}

function isBelow(version: string, minimum: string): boolean {
  const [have, want] = [version, minimum].map((one) => one.split('.').map(Number));
  const index = want?.findIndex((part, at) => (have?.[at] ?? 0) !== part) ?? -1;
  return index >= 0 && (have?.[index] ?? 0) < (want?.[index] ?? 0);
}
