import { Command } from 'commander';
import { run } from '../clients/process';
import { setOutput } from '../clients/workflow-outputs';
import { buildManifests } from '../delivery/push-apply/apply';
import { affectedEnvironments } from '../delivery/push-apply/changes';
import { secretNames } from '../delivery/push-apply/deploy';
import { FailedError, UsageError } from '../errors';
import { loadPlatform } from '../platforms/load';
import { environmentOf } from '../platforms/schema/define-platform';
import { repositoryOf } from '../platforms/schema/environment';
import { endHelp } from './support/help';
import { platformOptions, strict, wholePlatformOptions } from './support/options';
import { start } from './support/start';

interface ChangesOptions {
  readonly platform: string;
  readonly since: string;
  readonly branch?: string;
  readonly json?: true;
}

const command = strict(new Command('npm run push-apply --')).description(
  'Answers questions of CI where it applies the manifests. To apply an environment: npm run ship -- SERVICE --env ENV',
);

endHelp(wholePlatformOptions(command.command('changes')), {
  examples: ['npm run push-apply -- changes --platform real-estate --since HEAD~1'],
  exits: '0 done, 1 failed, 2 wrong usage or configuration',
  notes: ['In a workflow it sets the output environments: their names as JSON.'],
})
  .description('lists the environments that are affected by the changes since a commit')
  .requiredOption(
    '--since <commit>',
    'commit that was deployed before; only zeros for a new branch: everything has changed',
  )
  .option('--branch <name>', 'branch that was pushed: only environments that follow it (default: all of them)')
  .action(async ({ platform, since, branch, json }: ChangesOptions) => {
    if (!/^[\w@][\w@./^~-]*$/.test(since))
      throw new UsageError(`--since: got "${since}"; name a commit that git knows, such as HEAD~1`);
    const words = /^0+$/.test(since) ? ['ls-files'] : ['diff', '--name-only', since, 'HEAD', '--'];
    const { code, stdout, stderr } = await run('git', words);
    if (code !== 0) throw new FailedError(`could not list what has changed since ${since}: ${stderr.trim()}`);
    const affected = affectedEnvironments(loadPlatform(platform), stdout.split('\n').filter(Boolean), branch);
    setOutput('environments', JSON.stringify(affected.map(({ env }) => env)));
    const lines = affected.map(({ env, file }) => `${env}  ${file}`);
    console.log(json ? JSON.stringify(affected, null, 2) : lines.join('\n') || 'no environment is affected');
  });

endHelp(platformOptions(command.command('validate')), {
  examples: ['npm run push-apply -- validate --platform real-estate --env prod'],
  exits: '0 done, 1 failed, 2 wrong usage or configuration, 3 refused: a placeholder has no secret',
})
  .description('builds the manifests that would be applied, with placeholder values for secrets; needs no cluster')
  .action(async ({ platform: name, env, json }: { platform: string; env: string; json?: true }) => {
    const platform = loadPlatform(name);
    if (environmentOf(platform, env).delivery.kind !== 'push-apply') {
      throw new UsageError(
        `environment "${env}" of platform "${name}" is not applied by CI; Argo CD follows its branch`,
      );
    }
    const values = Object.fromEntries(secretNames({ platform, env }).map((secret) => [secret, 'made-up-value']));
    const { path } = repositoryOf(platform, env);
    const { infrastructure } = await buildManifests('.', path, values);
    const result = { env, path, infrastructure: infrastructure !== undefined, secrets: Object.keys(values) };
    console.log(
      json ? JSON.stringify(result, null, 2) : `${path} can be applied; it needs ${result.secrets.join(', ')}`,
    );
  });

export default start(command, module);
