import { Command } from 'commander';
import { connectGithub } from '../clients/github';
import { GithubIssues, type IssueChange, WRITE_ISSUES } from '../clients/github-issues';
import { EXIT_CODES } from '../errors';
import type { Platform } from '../platforms/schema/define-platform';
import { type Drift, differs, findDrift, isClean } from '../terraform/drift/drift';
import { driftIssue, driftMarker, driftTitle } from '../terraform/drift/issue';
import { driftText } from '../terraform/drift/text';
import { interruption } from './support/interruption';
import { platformOptions } from './support/options';
import { openPlanning } from './support/planning';
import { start } from './support/start';

interface Options {
  readonly platform: string;
  readonly env: string;
  readonly issue?: true;
  readonly repository: string;
  readonly dryRun?: true;
  readonly json?: true;
}

const command = platformOptions(new Command('npm run drift --'))
  .description(
    'Compares an environment with the clouds and with its description, and shows for each layer what was changed outside of ' +
      'terraform and what nobody has applied, with the command that heals it and the one that adopts it. It changes no resource.',
  )
  .option('--issue', 'open, update or close the GitHub issue of the environment; there is at most one')
  .option(
    '--repository <name>',
    'repository of the issue, such as acme/platform',
    process.env['GITHUB_REPOSITORY'] ?? '',
  )
  .option('--dry-run', 'with --issue: say what would become of the issue, and write nothing')
  .addHelpText(
    'after',
    '\nExamples:\n' +
      '  npm run drift -- --env prod\n' +
      '  npm run tunnel -- prod npm run drift -- --env prod\n' +
      '  GITHUB_TOKEN=... npm run drift -- --env prod --issue --repository acme/platform --dry-run\n' +
      '\nExit codes: 0 no difference; 1 a layer could not be compared; 2 wrong usage or configuration; 4 differences found; 5 the ' +
      'cluster is asleep, and the layers in it were not compared.',
  )
  .action(async ({ issue, repository, dryRun, json, ...options }: Options) => {
    // A missing token is reported before minutes of planning.
    const issues = issue && new GithubIssues(await connectGithub(repository, WRITE_ISSUES, process.env));
    const planning = await openPlanning(options, { signal: interruption() });
    const drift = await findDrift(planning);
    const written = issues && (await follow(issues, planning.platform, drift, dryRun ?? false));
    if (json) console.log(JSON.stringify({ ...drift, ...(written && { issue: written }) }, null, 2));
    else
      console.log(
        [driftText(planning.platform, drift), ...(written ? ['', issueLine(written, dryRun)] : [])].join('\n'),
      );
    process.exitCode = exitCodeOf(drift);
  });

/** Lets the issue say what was found. What could not be compared leaves it as it is. */
async function follow(issues: GithubIssues, platform: Platform, drift: Drift, dryRun: boolean): Promise<IssueChange> {
  if (drift.layers.some(differs)) return issues.write(driftTitle(drift), driftIssue(platform, drift), { dryRun });
  if (!isClean(drift)) return { change: 'unchanged' };
  return issues.close(driftMarker(drift), 'No difference any more.', { dryRun });
}

function issueLine({ change, number }: IssueChange, dryRun = false): string {
  if (change === 'none') return 'issue: none is open';
  const which = number === undefined ? 'issue' : `issue ${number}`;
  return change === 'unchanged' ? `${which}: unchanged` : `${which}: ${dryRun ? 'would be ' : ''}${change}`;
}

function exitCodeOf({ layers }: Drift): number {
  const outcomes = layers.map(({ outcome }) => outcome);
  if (outcomes.includes('failed')) return EXIT_CODES.failed;
  if (layers.some(differs)) return EXIT_CODES.different;
  return outcomes.includes('asleep') ? EXIT_CODES.asleep : EXIT_CODES.done;
}

export default start(command, module);
