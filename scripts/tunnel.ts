import { Command } from 'commander';
import { openForward } from '../clients/forward';
import { inHome } from '../clients/kubeconfig';
import { assertKubeconfig } from '../clients/running-application';
import { apiTunnel } from '../clients/tunnel';
import { assertAwake, clusterVmOf } from '../clients/vm';
import { loadPlatform } from '../platforms/load';
import { namesOf } from '../platforms/schema/names';
import { held, runAttached } from './support/attached';
import { environmentArgument, platformOptions } from './support/options';
import { start } from './support/start';

const command = platformOptions(new Command('npm run tunnel --'), 'optional')
  .argument('[env]', 'the environment, the same as --env')
  .argument('[command...]', 'command to run while the tunnel is open, with KUBECONFIG set (default: wait for Ctrl-C)')
  .description(
    "Forwards a local port to the API server of an environment's VM, through Identity-Aware Proxy. The kubeconfig of " +
      '`npm run kubeconfig` uses this port.',
  )
  .addHelpText(
    'after',
    '\nExamples:\n  npm run tunnel -- prod\n  npm run tunnel -- prod -- kubectl get pods -A\n\n' +
      "The exit code is the command's own; 1 when the tunnel does not open, 5 when the VM is asleep.",
  )
  .passThroughOptions()
  .action(
    async (
      positional: string | undefined,
      words: string[],
      options: { platform: string; env?: string; json?: true },
    ) => {
      const env = environmentArgument(positional, options.env);
      const [program, ...args] = words[0] === '--' ? words.slice(1) : words;
      const platform = loadPlatform(options.platform);
      const vm = clusterVmOf(platform, env);
      await assertAwake(platform, env);
      if (program) assertKubeconfig(platform, env);
      const forward = await openForward(apiTunnel(vm));
      try {
        const address = `localhost:${vm.localPort}`;
        const opened = { text: `${address} reaches ${vm.name}, port 6443`, result: { address, vm: vm.name } };
        if (!program) return await held(forward, opened, options.json);
        const KUBECONFIG = inHome(namesOf(platform.name, env).kubeconfig);
        process.exitCode = await runAttached(program, args, { ...process.env, KUBECONFIG });
      } finally {
        await forward.close();
      }
    },
  );

export default start(command, module);
