import { join } from 'node:path';
import { Command } from 'commander';
import { addSandboxOptions, runInSandbox, type SandboxCommandOptions } from './command-line';
import { addToKubeconfig } from './kubernetes/clusters/kubeconfig';
import type { ExistingCluster } from './machines/existing';

interface Options extends SandboxCommandOptions {
  readonly folder: string;
  readonly cluster?: string[];
}

// A reader such as head may end before everything is written; the command must not end in the middle of its work.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

const command = new Command('strata-sandbox')
  .usage('[options] -- COMMAND...')
  .description(
    'Runs a command inside simulated clouds: Google Cloud, Kubernetes and GitHub, for the real terraform.\n' +
      'The clouds are kept between commands. No account is used, and nothing leaves this machine.',
  )
  .option('--folder <folder>', 'where the clouds are kept', '.sandbox')
  .option(
    '--cluster <context>',
    'a Kubernetes cluster that exists, by its context in ~/.kube/config; may be given again',
    (context, all: string[] = []) => [...all, context],
  )
  .addHelpText(
    'after',
    '\nExamples:\n' +
      '  strata-sandbox -- terraform init\n' +
      '  strata-sandbox --bucket my-states --cluster demo -- terraform apply\n' +
      '  strata-sandbox --advance 12h -- terraform plan     after twelve simulated hours\n' +
      '  strata-sandbox -- bash\n' +
      "\nThe exit code is the command's own; 1 when the sandbox cannot start or a terraform in it was killed, 2 for wrong usage,\n" +
      'and 3 when another process uses the sandbox.',
  )
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));

addSandboxOptions<Options>(command, (program, args, options) =>
  runInSandbox(
    program,
    args,
    {
      directory: options.folder,
      clusters: (options.cluster ?? []).map(clusterOf),
      onClusterAnswers: ({ kubeconfig, home }) => addToKubeconfig(join(home, '.kube', 'config'), kubeconfig),
    },
    options,
  ),
);

command.parseAsync().catch((error: Error & { exitCode?: number }) => {
  console.error(process.env['STRATA_DEBUG'] ? error.stack : error.message);
  process.exitCode = error.exitCode ?? 1;
});

/** The first cluster is kubectl's current one. */
function clusterOf(context: string, index: number): ExistingCluster {
  return {
    context,
    current: index === 0,
    kubeconfig: '~/.kube/config',
    nodeName: `${context}-control-plane`,
    memoryMiB: 8192,
    cpus: 4,
    architecture: 'amd64',
    storageClasses: ['standard'],
  };
}
