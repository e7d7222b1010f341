import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { stringify } from 'yaml';
import { inHome } from '../clients/kubeconfig';
import { loadPlatform } from '../platforms/load';
import { environmentOf, type Platform } from '../platforms/schema/define-platform';
import { kubeconfigOf } from '../platforms/schema/environment';
import { namesOf } from '../platforms/schema/names';
import { sandboxOf } from '../rehearsal/sandbox-of';
import {
  type AnsweringCluster,
  addSandboxOptions,
  addToKubeconfig,
  runInSandbox,
  type SandboxCommandOptions,
} from '../sandbox';
import { platformDefault, strict } from './support/options';
import { start } from './support/start';

interface Options extends SandboxCommandOptions {
  readonly directory: string;
  readonly platform: string;
  readonly env?: string;
  readonly emptyProject?: true;
}

const command = strict(new Command('npm run sandbox --'))
  .description(
    'Runs a command inside simulated clouds, with the real terraform: npx cdktf deploy, terraform plan, kubectl, bash. ' +
      'The clouds are kept between commands. No account is used, and no data leaves this machine.',
  )
  .option('--directory <directory>', 'folder of the simulated clouds', join('.sandbox', 'default'))
  .option(
    '--platform <name>',
    'the platform whose repository, images and state bucket exist; PLATFORM in the environment overrides the default',
    platformDefault(),
  )
  .option('--empty-project', 'with --fresh: start before npm run bootstrap, without state bucket and services')
  .option('--env <name>', "the environment whose cluster is kubectl's current one (default: the platform's first)")
  .addHelpText(
    'after',
    '\nExamples:\n' +
      '  npm run sandbox -- npx cdktf deploy vpc-prod\n' +
      '  npm run sandbox -- bash\n' +
      '  npm run sandbox -- --advance 1h               one hour: the cluster reads new secrets\n' +
      '  npm run sandbox -- --advance 12h              one night\n' +
      '  npm run sandbox -- --fresh terraform plan     in a folder of plain HCL\n' +
      "\nThe exit code is the command's own; 1 when the sandbox cannot start or a terraform\nin it was killed, 2 for wrong usage, " +
      'and 3 when another process uses the sandbox.',
  );

addSandboxOptions<Options>(command, async (program, args, options) => {
  const platform = loadPlatform(options.platform);
  const { env: current } = options;
  if (current !== undefined) environmentOf(platform, current);
  const prepared = await sandboxOf(platform, { current, empty: options.emptyProject });
  const files = new Map(
    Object.keys(platform.environments).map((env) => {
      const { vm, kubeconfig } = namesOf(platform.name, env);
      return [vm, kubeconfig];
    }),
  );
  const surroundings = {
    ...prepared,
    directory: options.directory,
    // npm changes to the package's folder; the command belongs in the user's.
    cwd: (process.env['npm_lifecycle_event'] === 'sandbox' && process.env['INIT_CWD']) || process.cwd(),
    onClusterAnswers: (cluster: AnsweringCluster) => writeKubeconfigs(cluster, files.get(cluster.machine)),
    env: ({ env }: { env: NodeJS.ProcessEnv }) => {
      // kubectl merges these files: each existing cluster has a context, and the first current context is used.
      const kubeconfigs = new Set([
        ...(current === undefined ? [] : [chooseContext(env, platform, current)]),
        '~/.kube/config',
        ...(prepared.clusters ?? []).map(({ kubeconfig }) => kubeconfig),
      ]);
      return {
        PLATFORM: platform.name,
        KUBECONFIG: [...kubeconfigs].map((file) => inHome(file, env)).join(delimiter),
        // A practised restore must not be written to the checkout, where the next real deployment would carry it out.
        STRATA_RESTORE_DIRECTORY: resolve(options.directory, 'restores'),
      };
    },
  };
  return runInSandbox(program, args, surroundings, options);
});

/** Writes kubeconfigs like `npm run kubeconfig`, and to kubectl's default path. */
function writeKubeconfigs({ kubeconfig, home }: AnsweringCluster, ofEnvironment: string | undefined): void {
  for (const file of ['~/.kube/config', ofEnvironment]) {
    if (file) addToKubeconfig(file.replace(/^~/, home), kubeconfig);
  }
}

/**
 * Writes a kubeconfig that only sets the current context, that of an environment. kubectl uses the current context of the first
 * file that has one.
 *
 * @returns its path.
 */
function chooseContext(env: NodeJS.ProcessEnv, platform: Platform, environment: string): string {
  const file = '~/.kube/current-context';
  const context = kubeconfigOf(platform, environment).context ?? namesOf(platform.name, environment).vm;
  mkdirSync(dirname(inHome(file, env)), { recursive: true });
  writeFileSync(inHome(file, env), stringify({ apiVersion: 'v1', kind: 'Config', 'current-context': context }));
  return file;
}

export default start(command, module);
