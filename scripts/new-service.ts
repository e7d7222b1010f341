import { Command } from 'commander';
import { newService, type ServiceRequest } from '../manifests/scaffold/new-service';
import { Tree } from '../manifests/scaffold/tree';
import { strict } from './support/options';
import { start } from './support/start';
import { type ChangeOptions, finish } from './support/tree-changes';
import { writeWorkflows } from './support/workflows';

type Options = Omit<ServiceRequest, 'name'> & ChangeOptions;

const command = strict(new Command('npm run new-service --'))
  .description(
    "Adds a service to a platform's description and tree: manifests, overlays, policies. Writes all files or none.",
  )
  .argument('<platform>', 'a folder of platforms/')
  .argument('<name>', 'name of the new service')
  .requiredOption('--port <number>', 'TCP port that its pods listen on', Number)
  .option('--image <name>', "name of its own image (default: the service's)")
  .option('--database', "connect it to the platform's database, or to a separate one where each service has one")
  .option('--health <path>', 'path of its health check (default: the usual one of the platform)')
  .option('--commit <sha>', 'commit of an existing image, 7 or all 40 characters (default: none, and no replicas)')
  .option(
    '--replicas <number>',
    'replicas in the first environment, with a disruption budget; needs --commit',
    Number,
    1,
  )
  .option('--dry-run', 'show what would be written, without writing it')
  .option('--json', 'print JSON only')
  .action((platform: string, name: string, options: Options) => {
    const tree = new Tree('.');
    const next = newService(tree, platform, { name, ...options });
    writeWorkflows(tree, [platform]);
    finish(tree, next, options);
  });

export default start(command, module);
