import { Command, Option } from 'commander';
import { setOutput } from '../clients/workflow-outputs';
import { systemClock } from '../delivery/clock';
import { type ApplyRequest, applyEnvironment, secretNames } from '../delivery/push-apply/deploy';
import { type ShipRequest, ship } from '../delivery/ship/ship';
import type { Trigger } from '../delivery/ship/steps';
import { renderStep, Timeline } from '../delivery/ship/timeline';
import { withTools } from '../delivery/ship/tools';
import { UsageError } from '../errors';
import { loadPlatform } from '../platforms/load';
import { environmentOf } from '../platforms/schema/define-platform';
import { takeSecrets } from './support/deployment-secrets';
import { interruption } from './support/interruption';
import { fail, platformOptions } from './support/options';

interface Options {
  readonly platform: string;
  readonly env: string;
  readonly tag?: string;
  readonly source: string;
  readonly trigger: Trigger;
  readonly buildOnly?: true;
  readonly scan?: true;
  readonly forceConflicts?: string;
  readonly wait: boolean;
  readonly dryRun?: true;
  readonly json?: true;
}

platformOptions(new Command('npm run ship --'))
  .argument('<service>', 'service of the platform, or one of its own images')
  .description(
    'Takes the commit that is checked out to a verified rollout: gate, lock, build, registry check, tag in Git, rollout.\n' +
      'Where CI applies, the newest commit of the branch: gate, lease, apply, rollout, verification.\n' +
      'It can be run again after any failure, and Ctrl-C frees the lock.',
  )
  .option(
    '--tag <tag>',
    'deploy this tag, which the registry has, instead of building one; where CI applies, this commit',
  )
  .option('--source <directory>', "checkout of the service's repository", '.')
  .option('--build-only', 'build and push, and deploy nothing')
  .option('--scan', 'look for known vulnerabilities in what is built, by Trivy')
  .option(
    '--force-conflicts <reason>',
    'where CI applies: take fields that another manager owns; the reason is recorded',
  )
  .option('--no-wait', 'end once the tag is in Git, for who has no access to the cluster')
  .addOption(
    new Option('--trigger <kind>', 'a push, or a person who started it').choices(['push', 'manual']).default('manual'),
  )
  .option('--dry-run', 'ask the gate and show what would be done, and do nothing')
  .addHelpText(
    'after',
    '\nExit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 refused by gate, lock or registry check, 5 asleep.\n' +
      'In a workflow it sets the outputs tag, and told once a failure was told in Slack.',
  )
  .action(async (service: string, { json, ...options }: Options) => {
    const platform = loadPlatform(options.platform);
    const { env } = options;
    const isApplied = environmentOf(platform, env).delivery.kind === 'push-apply';
    const values = takeSecrets(isApplied ? secretNames({ platform, env }) : []);
    const report = (line: string) => console.error(line);
    const timeline = new Timeline(systemClock, (step) => report(renderStep(step)));
    const shipped = await withTools(platform, env, { report, signal: interruption() }, async (tools) => {
      if (!isApplied) return ship(tools, shipRequest(service, options), timeline);
      const { commit, ...applied } = await applyEnvironment(tools, applyRequest(service, options, values), timeline);
      return { ...applied, tag: commit.slice(0, 7), commit };
    });
    setOutput('tag', shipped.tag);
    if (json) return console.log(JSON.stringify({ ...shipped, steps: timeline.steps }, null, 2));
    console.log(`${service} ${shipped.tag} to ${env}: ${shipped.outcome} in ${timeline.seconds.toFixed(1)} s`);
  })
  .parseAsync()
  .catch(fail);

function shipRequest(service: string, options: Options): ShipRequest {
  const { wait, forceConflicts, ...request } = options;
  if (forceConflicts !== undefined) {
    throw new UsageError(`--force-conflicts is for environments that CI applies; Argo CD applies "${options.env}"`);
  }
  return { ...request, service, noWait: !wait };
}

function applyRequest(service: string, options: Options, values: Record<string, string>): ApplyRequest {
  const given = (['buildOnly', 'scan'] as const).find((one) => options[one] !== undefined);
  if (given || !options.wait) {
    throw new UsageError(
      `${given ?? 'no-wait'} has no meaning in "${options.env}": CI applies the newest commit of its branch and waits for it`,
    );
  }
  const { tag: commit, trigger, forceConflicts, dryRun } = options;
  return {
    service,
    trigger,
    values,
    ...(commit && { commit }),
    ...(forceConflicts && { forceConflicts }),
    ...(dryRun && { dryRun }),
  };
}
