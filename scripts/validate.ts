import { Command } from 'commander';
import { controlPath, loadControl } from '../delivery/gate/control';
import { EXIT_CODES, UsageError } from '../errors';
import { platformsIn } from '../manifests/checks/environments';
import { printProblem, type ValidationProblem } from '../manifests/checks/problem';
import { sourceOf } from '../manifests/description';
import { Tree } from '../manifests/scaffold/tree';
import { followDescriptions, problemsFrom, validate } from '../manifests/validate';
import { loadPlatform } from '../platforms/load';
import { environmentOf } from '../platforms/schema/define-platform';
import { PlatformError } from '../platforms/schema/problems';
import { strict } from './support/options';
import { start } from './support/start';
import { finish } from './support/tree-changes';
import { staleIn, writeWorkflows } from './support/workflows';

interface Options {
  readonly platform?: string;
  readonly env?: string;
  readonly write?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

const command = strict(new Command('npm run validate --'))
  .description(
    'Checks the descriptions of platforms and their trees in k8s/ against their schemas and against each other, and ' +
      'prints all problems.',
  )
  .option('--platform <name>', 'folder of platforms/ (default: all of them)')
  .option('--env <name>', 'environment of the platform (default: all of them)')
  .option('--write', 'first update the trees from the descriptions: project, registry, repository, branch, schedules')
  .option('--dry-run', 'with --write: show what would be written, without writing it')
  .option('--json', 'print JSON only')
  .addHelpText('after', '\nExit codes: 0 valid, 2 problems or wrong usage.')
  .action(({ platform, env, write, dryRun, json }: Options) => {
    if (dryRun && !write) command.error('--dry-run: needs --write, without which nothing is written');
    if (env && !platform) command.error('--env: needs --platform');
    const names = platformsIn('.');
    if (platform && !names.includes(platform))
      throw new UsageError(`unknown platform "${platform}"; expected one of ${names.join(', ')}`);
    if (write) {
      const tree = new Tree('.');
      for (const [file, text] of followDescriptions({ platform })) tree.write(file, text);
      writeWorkflows(tree, platform ? [platform] : names);
      if (!json || dryRun)
        finish(tree, ['npm run validate', 'UPDATE_GOLDENS=1 npx jest test/k8s, and read the difference'], {
          dryRun,
          json,
        });
      else tree.save();
      if (dryRun) return;
    }
    const found = validate({ platform, env });
    const readable = (platform ? [platform] : names).filter(
      (name) => !found.some(({ file }) => file === sourceOf(name)),
    );
    if (env && readable.length) environmentOf(loadPlatform(readable[0] ?? ''), env);
    const problems = [...found, ...readable.flatMap(ofControlFile), ...ofWorkflows(readable)];
    if (json) console.log(JSON.stringify({ problems }, null, 2));
    else for (const problem of problems) console.log(printProblem(problem));
    if (!json) console.log(problems.length ? `\n${problems.length} problems` : 'valid');
    if (problems.length) process.exitCode = EXIT_CODES.usage;
  });

/** Checks deploy-control.yaml, whose rules are in delivery/. */
function ofControlFile(name: string): ValidationProblem[] {
  try {
    loadControl(loadPlatform(name));
    return [];
  } catch (error) {
    if (error instanceof PlatformError) return problemsFrom(controlPath(name), error);
    throw error;
  }
}

/** Workflows are generated from the descriptions. */
function ofWorkflows(names: readonly string[]): ValidationProblem[] {
  return staleIn(new Tree('.'), names).map(({ path, why }) => ({
    file: path,
    rule: why,
    fix: 'run npm run workflows -- --write, and commit it',
  }));
}

export default start(command, module);
