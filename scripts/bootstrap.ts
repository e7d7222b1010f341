import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { type BootstrapResult, bootstrap, type Foundation } from '../bootstrap/bootstrap';
import { remainingTasks, type Task } from '../bootstrap/remaining';
import { BOOTSTRAP_TOKEN } from '../bootstrap/tokens';
import { CloudProject } from '../clients/cloud-project';
import { signedInClients } from '../clients/google';
import { type LayerId, stackId } from '../contracts/layers';
import { UsageError } from '../errors';
import { loadPlatform } from '../platforms/load';
import { environmentOf } from '../platforms/schema/define-platform';
import { foundationOf, projectOf } from '../platforms/schema/environment';
import { synthesise } from '../stacks/app';
import { fitted } from '../terminal/columns';
import { heal } from '../terraform/doctor/examine';
import { Stack } from '../terraform/stack';
import { interruption } from './support/interruption';
import { platformOptions } from './support/options';
import { start } from './support/start';

interface Options {
  readonly platform: string;
  readonly env: string;
  readonly dryRun?: true;
  readonly json?: true;
}

const command = platformOptions(new Command('npm run bootstrap --'))
  .description(
    'Prepares an empty Google project and the GitHub repositories of a platform: enables the first services, creates the state ' +
      'bucket, then applies 0-bootstrap (workload identity pool and the identities of workflows) and 90-github (environments, ' +
      'variables, branch rules, deploy keys). It can be run again at any time, and prints what is left for a person.',
  )
  .option('--dry-run', 'show what would be created, and create nothing')
  .addHelpText(
    'after',
    '\nExamples:\n' +
      '  npm run bootstrap -- --env prod --dry-run\n' +
      '  npm run bootstrap -- --env prod\n' +
      '  npm run sandbox -- npm run bootstrap -- --env prod\n' +
      '\nIt needs an owner of the Google project, logged in with gcloud auth application-default login, and GITHUB_TOKEN: a token ' +
      `of an administrator of the repositories (${BOOTSTRAP_TOKEN.scopes}).\n` +
      'Exit codes: 0 done, or nothing to do; 1 failed; 2 wrong usage or configuration; 3 a plan would destroy something.',
  )
  .action(async ({ platform: name, env, json, ...options }: Options) => {
    const platform = loadPlatform(name);
    environmentOf(platform, env);
    if (foundationOf(platform, env).length > 0) await assertAccess();
    const folder = synthesise(platform);
    const signal = interruption();
    const say = (line: string) => json || console.log(fitted(line));
    const stackOf = (layer: LayerId, of: string) => {
      const id = stackId(layer, of);
      return new Stack(id, join(folder, 'stacks', id), { signal });
    };
    const cloud = new CloudProject(projectOf(platform));
    const foundation: Foundation = {
      platform,
      env,
      cloud,
      stack: stackOf,
      undeployed: async (layer, of) => {
        const { bucket, resources } = synthesisedIn(join(folder, 'stacks', stackId(layer, of)));
        return (await cloud.hasObject(bucket.bucket, `${bucket.prefix}/default.tfstate`)) ? undefined : resources;
      },
      adopt: (layer, of) => heal(stackOf(layer, of), { say, confirm: async () => {} }),
      say,
    };
    const result = await bootstrap(foundation, options.dryRun === true);
    const tasks = result.missingSecrets ? remainingTasks(platform, env, result.missingSecrets) : [];
    console.log(json ? JSON.stringify({ ...result, remaining: tasks }, null, 2) : textOf(result, tasks));
  });

/** @throws if there are no credentials for Google Cloud, or none for GitHub */
async function assertAccess(): Promise<void> {
  await signedInClients();
  if (process.env['GITHUB_TOKEN']) return;
  throw new UsageError(
    `GITHUB_TOKEN is not set; create a fine-grained token at ${BOOTSTRAP_TOKEN.page} for the repositories of the platform ` +
      `(${BOOTSTRAP_TOKEN.scopes}), or try it without an account: npm run sandbox -- npm run bootstrap -- --env ENV`,
  );
}

/** The backend of a synthesised stack, and how many resources it has. */
function synthesisedIn(directory: string): { bucket: { bucket: string; prefix: string }; resources: number } {
  const { terraform, resource = {} } = JSON.parse(readFileSync(join(directory, 'cdk.tf.json'), 'utf8')) as {
    terraform: { backend: { gcs: { bucket: string; prefix: string } } };
    resource?: Record<string, object>;
  };
  const resources = Object.values(resource).reduce((sum, ofType) => sum + Object.keys(ofType).length, 0);
  return { bucket: terraform.backend.gcs, resources };
}

function textOf({ dryRun }: BootstrapResult, tasks: readonly Task[]): string {
  if (dryRun) return '\nnothing was created: --dry-run';
  if (tasks.length === 0) return '\nnothing is left to do';
  const lines = tasks.flatMap(({ what, how }, index) => [`${index + 1}. ${what}`, ...how.map((line) => `   ${line}`)]);
  return `\nleft for a person:\n${fitted(lines.join('\n'))}`;
}

export default start(command, module);
