import { Command, Option } from 'commander';
import { systemClock } from '../clients/clock';
import { addSummary, setOutput } from '../clients/workflow-outputs';
import { type ApplyRequest, applyEnvironment, secretNames } from '../delivery/push-apply/deploy';
import { type ShipRequest, ship } from '../delivery/ship/ship';
import type { Trigger } from '../delivery/ship/steps';
import { renderProgress, renderStep, Timeline } from '../delivery/ship/timeline';
import { withTools } from '../delivery/ship/tools';
import { UsageError } from '../errors';
import { loadPlatform } from '../platforms/load';
import { environmentOf } from '../platforms/schema/define-platform';
import { takeSecrets } from './support/deployment-secrets';
import { endHelp } from './support/help';
import { interruption } from './support/interruption';
import { platformOptions } from './support/options';
import { start } from './support/start';

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

const command = endHelp(platformOptions(new Command('npm run ship --')), {
  examples: [
    'npm run ship -- nextjs --env prod --source ../threads-nextjs --dry-run',
    'npm run ship -- nextjs --env prod --source ../threads-nextjs',
    'npm run ship -- nextjs --env prod --tag 8caff6f',
    'npm run ship -- postgres --platform real-estate --env dev --tag 18-3.7',
  ],
  exits: '0 done, 1 failed, 2 wrong usage or configuration, 3 refused by gate, lock or registry check, 5 asleep',
  notes: ['In a workflow it sets the output tag, and the output told once Slack was told of a failure.'],
})
  .argument('<service>', 'service of the platform, or one of its other own images')
  .description(
    'Takes the checked-out commit to a verified rollout: gate, lock, build, registry check, tag in Git, rollout. ' +
      'Where CI applies the manifests, it applies the newest commit of the branch: gate, lease, apply, rollout, verification. ' +
      'It can be run again after any failure, and Ctrl-C releases the lock.',
  )
  .option(
    '--tag <tag>',
    'deploy this existing tag instead of building one; where CI applies the manifests, this commit',
  )
  .option('--source <directory>', "checkout of the service's repository", '.')
  .option('--build-only', 'build and push without deploying')
  .option('--scan', 'scan the built image for vulnerabilities with Trivy')
  .option(
    '--force-conflicts <reason>',
    'where CI applies the manifests: take over fields of other field managers; the reason is recorded',
  )
  .option('--no-wait', 'do not follow the rollout; for use without access to the cluster')
  .addOption(
    new Option('--trigger <kind>', 'how the deployment was started: by a push, or by a person')
      .choices(['push', 'manual'])
      .default('manual'),
  )
  .option('--dry-run', 'ask the gate and show what would be done, without doing it')
  .action(async (service: string, { json, ...options }: Options) => {
    const platform = loadPlatform(options.platform);
    const { env } = options;
    const isApplied = environmentOf(platform, env).delivery.kind === 'push-apply';
    const values = takeSecrets(isApplied ? secretNames({ platform, env }) : []);
    const report = (line: string) => console.error(line);
    const timeline = new Timeline(systemClock, (step) => report(renderProgress(step)));
    const shipped = await withTools(platform, env, { report, signal: interruption() }, async (tools) => {
      if (!isApplied) return ship(tools, shipRequest(service, options), timeline);
      const { commit, ...applied } = await applyEnvironment(tools, applyRequest(service, options, values), timeline);
      return { ...applied, tag: commit.slice(0, 7), commit };
    }).finally(() => addSummary(`${service} to ${env}`, timeline.steps.map(renderStep).join('\n')));
    setOutput('tag', shipped.tag);
    if (json) return console.log(JSON.stringify({ ...shipped, steps: timeline.steps }, null, 2));
    console.log(`${service} ${shipped.tag} to ${env}: ${shipped.outcome} in ${timeline.seconds.toFixed(1)} s`);
  });

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
      `${given ?? 'no-wait'} cannot be used with "${options.env}": CI applies the newest commit of its branch and follows its rollout`,
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

export default start(command, module);
