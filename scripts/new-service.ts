import { Command } from 'commander';
import { newService, type ServiceRequest } from '../manifests/scaffold/new-service';
import { Tree } from '../manifests/scaffold/tree';
import { fail, strict } from './support/options';
import { type ChangeOptions, finish } from './support/tree-changes';
import { writeWorkflows } from './support/workflows';

type Options = Omit<ServiceRequest, 'name'> & ChangeOptions;

strict(new Command('npm run new-service --'))
  .description("Writes a service into a platform's file and tree: manifests, overlays, policies. All of it or nothing.")
  .argument('<platform>', 'a folder of platforms/')
  .argument('<name>', 'of the service')
  .requiredOption('--port <number>', 'port that its pods listen on', Number)
  .option('--image <name>', "of its image among the platform's own ones (default: the service's)")
  .option('--database', "give it the platform's database, or one of its own where each service has one")
  .option('--health <path>', 'path that says whether it is alive (default: what is usual on the platform)')
  .option(
    '--commit <sha>',
    'commit that an image in the registry was built from, 7 or all 40 characters (default: none, no replicas yet)',
  )
  .option('--replicas <number>', 'in the first environment, with a disruption budget; needs --commit', Number, 1)
  .option('--dry-run', 'show what would be written, and write nothing')
  .option('--json', 'print JSON and nothing else')
  .action((platform: string, name: string, options: Options) => {
    const tree = new Tree('.');
    const next = newService(tree, platform, { name, ...options });
    writeWorkflows(tree, [platform]);
    finish(tree, next, options);
  })
  .parseAsync()
  .catch(fail);
