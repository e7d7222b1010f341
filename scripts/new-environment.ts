import { Command } from 'commander';
import { type EnvironmentRequest, newEnvironment } from '../manifests/scaffold/new-environment';
import { Tree } from '../manifests/scaffold/tree';
import { fail, strict } from './support/options';
import { type ChangeOptions, finish } from './support/tree-changes';
import { writeWorkflows } from './support/workflows';

type Options = Omit<EnvironmentRequest, 'name'> & ChangeOptions;

strict(new Command('npm run new-environment --'))
  .description("Writes an environment into a platform's file and tree, as a copy of another one. All of it or nothing.")
  .argument('<platform>', 'a folder of platforms/')
  .argument('<name>', 'of the environment')
  .requiredOption('--like <environment>', 'the one that it is a copy of, but for what must differ')
  .option('--cidr <range>', 'of its subnet, such as 10.30.0.0/24, where it is a VM of ours')
  .option('--hostname <name>', 'of its tunnel, where visitors come by one')
  .option('--context <name>', 'of its cluster, where that exists already and holds one environment')
  .option('--dry-run', 'show what would be written, and write nothing')
  .option('--json', 'print JSON and nothing else')
  .action((platform: string, name: string, options: Options) => {
    const tree = new Tree('.');
    const next = newEnvironment(tree, platform, { name, ...options });
    writeWorkflows(tree, [platform]);
    finish(tree, next, options);
  })
  .parseAsync()
  .catch(fail);
