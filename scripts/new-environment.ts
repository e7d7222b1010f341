import { Command } from 'commander';
import { type EnvironmentRequest, newEnvironment } from '../manifests/scaffold/new-environment';
import { Tree } from '../manifests/scaffold/tree';
import { strict } from './support/options';
import { start } from './support/start';
import { type ChangeOptions, finish } from './support/tree-changes';
import { writeWorkflows } from './support/workflows';

type Options = Omit<EnvironmentRequest, 'name'> & ChangeOptions;

const command = strict(new Command('npm run new-environment --'))
  .description(
    "Adds an environment to a platform's description and tree, as a copy of another one. Writes all files or none.",
  )
  .argument('<platform>', 'a folder of platforms/')
  .argument('<name>', 'name of the new environment')
  .requiredOption('--like <environment>', 'environment to copy')
  .option('--cidr <range>', 'range of its subnet, such as 10.30.0.0/24, if its cluster is a k0s-vm')
  .option('--hostname <name>', 'public host name, if it is reached through a tunnel')
  .option('--context <name>', 'context of its cluster in the kubeconfig, if it is an existing cluster')
  .option('--dry-run', 'show what would be written, without writing it')
  .option('--json', 'print JSON only')
  .action((platform: string, name: string, options: Options) => {
    const tree = new Tree('.');
    const next = newEnvironment(tree, platform, { name, ...options });
    writeWorkflows(tree, [platform]);
    finish(tree, next, options);
  });

export default start(command, module);
