import { Command } from 'commander';
import { EXIT_CODES, UsageError } from '../errors';
import { platformsIn } from '../manifests/checks/environments';
import { Tree } from '../manifests/scaffold/tree';
import { strict } from './support/options';
import { start } from './support/start';
import { finish } from './support/tree-changes';
import { staleIn, writeWorkflows } from './support/workflows';

interface Options {
  readonly platform?: string;
  readonly write?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

const command = strict(new Command('npm run workflows --'))
  .description(
    'Compares the workflows of GitHub Actions with what the platforms describe, and prints those that differ. ' +
      'Those of the default platform are in .github/workflows, others in platforms/<name>/workflows.',
  )
  .option('--platform <name>', 'folder of platforms/ (default: all of them)')
  .option('--write', 'update those that differ, and delete those without a description')
  .option('--dry-run', 'with --write: show what would be written, without writing it')
  .option('--json', 'print JSON only')
  .addHelpText(
    'after',
    '\nExamples:\n  npm run workflows\n  npm run workflows -- --write --platform threads\n' +
      '\nExit codes: 0 all match, 1 some differ, 2 wrong usage or configuration.',
  )
  .action(({ platform, write, dryRun, json }: Options) => {
    if (dryRun && !write) command.error('--dry-run: needs --write, without which nothing is written');
    const known = platformsIn('.');
    if (platform && !known.includes(platform)) {
      throw new UsageError(`unknown platform "${platform}"; expected one of ${known.join(', ')}`);
    }
    const names = platform ? [platform] : known;
    const tree = new Tree('.');
    if (write) {
      writeWorkflows(tree, names);
      return finish(tree, ['npm run workflows', 'commit the workflows with the description'], { dryRun, json });
    }
    const files = staleIn(tree, names).map(({ path, why }) => ({ path, why }));
    if (json) console.log(JSON.stringify({ stale: files }, null, 2));
    else console.log(files.map(({ path, why }) => `${path}: ${why}`).join('\n') || 'all workflows are as described');
    if (files.length === 0) return;
    if (!json) console.error('run npm run workflows -- --write, read the difference and commit it');
    process.exitCode = EXIT_CODES.failed;
  });

export default start(command, module);
