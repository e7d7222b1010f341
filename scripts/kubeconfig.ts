import { Command } from 'commander';
import { inHome, writeKubeconfig } from '../clients/kubeconfig';
import { assertAwake, clusterVmOf } from '../clients/vm';
import { loadPlatform } from '../platforms/load';
import { namesOf } from '../platforms/schema/names';
import { environmentArgument, fail, platformOptions } from './support/options';

platformOptions(new Command('npm run kubeconfig --'), 'optional')
  .argument('[env]', 'the environment, the same as --env')
  .description(
    "Fetches the admin kubeconfig of an environment's VM through Identity-Aware Proxy and writes it where the layers\n" +
      'look for it, readable by you alone. Waits up to ten minutes for a VM that is booting.',
  )
  .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 wrong usage or configuration, 5 asleep.')
  .option('--dry-run', 'say what would be written, and write nothing')
  .action(
    async (positional: string | undefined, options: { platform: string; env?: string; json?: true; dryRun?: true }) => {
      const env = environmentArgument(positional, options.env);
      const platform = loadPlatform(options.platform);
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
    },
  )
  .parseAsync()
  .catch(fail);
