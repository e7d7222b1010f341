import { Command } from 'commander';
import { newPlatform } from '../manifests/scaffold/new-platform';
import { Tree } from '../manifests/scaffold/tree';
import { strict } from './support/options';
import { start } from './support/start';
import { type ChangeOptions, finish } from './support/tree-changes';
import { writeWorkflows } from './support/workflows';

const command = strict(new Command('npm run new-platform --'))
  .description(
    'Adds a platform as a copy of another one: description, trees, facts and control file. Writes all files or none.',
  )
  .argument('<name>', 'name of the new platform, and of its folders in platforms/ and k8s/')
  .requiredOption('--like <platform>', 'the platform to copy')
  .option('--dry-run', 'show what would be written, without writing it')
  .option('--json', 'print JSON only')
  .action((name: string, { like, ...options }: ChangeOptions & { readonly like: string }) => {
    const tree = new Tree('.');
    const next = newPlatform(tree, name, like);
    writeWorkflows(tree, [name]);
    finish(tree, next, options);
  });

export default start(command, module);
