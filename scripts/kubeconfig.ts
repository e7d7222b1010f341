import { Command, Option } from 'commander';
import { inHome, isKubeconfig, saveKubeconfig, writeKubeconfig } from '../clients/kubeconfig';
import { podKubeconfig } from '../clients/pod-kubeconfig';
import { assertAwake, clusterVmOf } from '../clients/vm';
import { UsageError } from '../errors';
import { loadPlatform } from '../platforms/load';
import { environmentOf, type Platform } from '../platforms/schema/define-platform';
import { kubeconfigOf } from '../platforms/schema/environment';
import { namesOf } from '../platforms/schema/names';
import { takeSecrets } from './support/deployment-secrets';
import { environmentArgument, platformOptions } from './support/options';
import { start } from './support/start';

interface Options {
  readonly platform: string;
  readonly env?: string;
  readonly from: 'vm' | 'variable' | 'pod';
  readonly json?: true;
  readonly dryRun?: true;
}

/** Variable with a kubeconfig, in workflows: a secret that the command which creates the cluster has set. */
const VARIABLE = 'CLUSTER_KUBECONFIG';

const command = platformOptions(new Command('npm run kubeconfig --'), 'optional')
  .argument('[env]', 'the environment, the same as --env')
  .description(
    "Fetches the admin kubeconfig of an environment's VM through Identity-Aware Proxy and writes it to the file that the " +
      'layers read, accessible only to you. Waits up to ten minutes for a VM that is booting.',
  )
  .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 wrong usage or configuration, 5 asleep.')
  .addOption(
    new Option(
      '--from <source>',
      'the VM; or for another cluster the variable CLUSTER_KUBECONFIG, or the service account of the pod that this runs in',
    )
      .choices(['vm', 'variable', 'pod'])
      .default('vm'),
  )
  .option('--dry-run', 'show what would be written, without writing it')
  .action(async (positional: string | undefined, options: Options) => {
    const env = environmentArgument(positional, options.env);
    const platform = loadPlatform(options.platform);
    if (options.from !== 'vm') return writeGiven(platform, env, options);
    const vm = clusterVmOf(platform, env);
    const { kubeconfig } = namesOf(platform.name, env);
    const print = (result: object, text: string) => console.log(options.json ? JSON.stringify(result) : text);
    if (options.dryRun) {
      const file = inHome(kubeconfig);
      return print({ dryRun: true, file, vm: vm.name }, `would write ${kubeconfig} from ${vm.name}`);
    }
    await assertAwake(platform, env);
    const file = await writeKubeconfig(vm, kubeconfig);
    print({ file }, `${file} reaches ${vm.name}`);
  });

/** Writes the kubeconfig of a cluster that is no VM of the platform. */
async function writeGiven(platform: Platform, env: string, { from, json, dryRun }: Options): Promise<void> {
  if (environmentOf(platform, env).cluster.kind === 'k0s-vm') {
    throw new UsageError(`--from ${from}: environment "${env}" runs on a VM of the platform; leave --from out`);
  }
  const { path, context = 'default' } = kubeconfigOf(platform, env);
  const given = from === 'pod' ? podKubeconfig(context) : takeSecrets([VARIABLE])[VARIABLE];
  if (!given) throw new UsageError(`${VARIABLE} is not set; set it to a kubeconfig of the cluster`);
  if (!isKubeconfig(given)) throw new UsageError(`${VARIABLE} is no kubeconfig; set it to one, as YAML or JSON`);
  const file = dryRun ? inHome(path) : await saveKubeconfig(given, path);
  if (json) console.log(JSON.stringify({ ...(dryRun && { dryRun }), file }));
  else console.log(dryRun ? `would write ${path}` : `${file} reaches the cluster of ${env}`);
}

export default start(command, module);
