import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Command } from 'commander';
import { connectGithub } from '../clients/github';
import { GithubComments, WRITE_PULL_REQUESTS } from '../clients/github-comments';
import { UsageError } from '../errors';
import { planComment } from '../terraform/planning/comment';
import { forkComment, readPlan, readRehearsedChange } from '../terraform/planning/untrusted';
import { strict } from './support/options';
import { start } from './support/start';

interface Options {
  readonly results: string;
  readonly headSha: string;
  readonly repository: string;
  readonly whole?: string;
  readonly dryRun?: true;
}

const command = strict(new Command('npm run plan-comment --'))
  .description(
    'Writes the comments of plans on the pull request with this commit, one for each environment, in place of earlier ones.\n' +
      'The results are data of an untrusted job: their shape is checked, and their text is shown as it is.',
  )
  .requiredOption(
    '--results <folder>',
    'folder with plan.json of npm run plan, and change.json of npm run rehearse -- --from',
  )
  .requiredOption('--head-sha <sha>', 'newest commit of the pull request, as GitHub names it')
  .option('--repository <name>', 'such as acme/platform', process.env['GITHUB_REPOSITORY'] ?? '')
  .option('--whole <text>', 'where the whole plan is, for a comment that is cut')
  .option('--dry-run', 'print the comments, and write none')
  .addHelpText(
    'after',
    '\nExample:\n  GITHUB_TOKEN=... npm run plan-comment -- --results results --head-sha 0123abc --repository acme/platform\n' +
      '\nExit codes: 0 written, or the pull request is closed or has a newer commit; 1 GitHub refused; 2 wrong usage, or a result\n' +
      'that is no plan.',
  )
  .action(async ({ results, headSha, repository, whole, dryRun }: Options) => {
    const files = readdirSync(results, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && ['plan.json', 'change.json'].includes(entry.name))
      .map(({ parentPath, name }) => join(parentPath, name))
      .sort();
    if (files.length === 0) throw new UsageError(`${results} has no plan.json and no change.json`);
    const options = whole === undefined ? {} : { whole };
    const bodies = files.map((file) => {
      const text = readFileSync(file, 'utf8');
      if (basename(file) === 'plan.json') {
        const plan = readPlan(text);
        return () => planComment(plan, options);
      }
      const change = readRehearsedChange(text);
      return (changed: readonly string[]) => forkComment(change, changed, options);
    });
    if (dryRun) return console.log(bodies.map((body) => body([])).join('\n\n'));
    const comments = new GithubComments(await connectGithub(repository, WRITE_PULL_REQUESTS, process.env));
    const pullRequest = await comments.pullRequestOf(headSha);
    if (pullRequest === undefined) return console.log(`no open pull request has ${headSha} as its newest commit`);
    const changed = await comments.filesOf(pullRequest);
    for (const body of bodies) {
      console.log(`comment on pull request ${pullRequest} ${await comments.write(pullRequest, body(changed))}`);
    }
  });

export default start(command, module);
