import { Command } from 'commander';
import { systemClock } from '../delivery/clock';
import { secretNames } from '../delivery/push-apply/deploy';
import { reapply } from '../delivery/push-apply/reapply';
import { rollBack } from '../delivery/ship/rollback';
import { renderStep, Timeline } from '../delivery/ship/timeline';
import { withTools } from '../delivery/ship/tools';
import { UsageError } from '../errors';
import { loadPlatform } from '../platforms/load';
import { environmentOf } from '../platforms/schema/define-platform';
import { takeSecrets } from './support/deployment-secrets';
import { interruption } from './support/interruption';
import { platformOptions } from './support/options';
import { start } from './support/start';

interface Options {
  readonly platform: string;
  readonly env: string;
  readonly to?: string;
  readonly revert?: string;
  readonly argocd?: number;
  readonly reason?: string;
  readonly wait: boolean;
  readonly dryRun?: true;
  readonly json?: true;
}

const command = platformOptions(new Command('npm run rollback --'))
  .argument('<service>', 'service of the platform')
  .description(
    'Takes a service back to the tag before the deployed one, or to another, by a pin in Git that no delivery overrides. ' +
      'Once the cause is repaired: npm run tag -- unpin. Where CI applies, an earlier commit is applied again.',
  )
  .option('--to <tag>', 'this tag; where CI applies, this commit')
  .option('--revert <commit>', 'what was there before this commit of the config repository')
  .option('--argocd <id>', "the tag at this id of Argo CD's history", Number)
  .option('--reason <text>', 'recorded in the pin', 'rollback')
  .option('--no-wait', 'end once the pin is in Git, for who has no access to the cluster')
  .option('--dry-run', 'show what would be pinned, and pin nothing')
  .addHelpText(
    'after',
    '\nExit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 refused by lock or registry check.',
  )
  .action(async (service: string, options: Options) => {
    const { json, wait, env, platform, ...request } = options;
    const ways = [request.to, request.revert, request.argocd].filter((way) => way !== undefined);
    if (ways.length > 1) throw new UsageError('give one of --to, --revert and --argocd');
    if (Number.isNaN(request.argocd)) throw new UsageError('--argocd: give the number of an entry in the history');
    const loaded = loadPlatform(platform);
    const isApplied = environmentOf(loaded, env).delivery.kind === 'push-apply';
    const values = takeSecrets(isApplied ? secretNames({ platform: loaded, env }) : []);
    const report = (line: string) => console.error(line);
    const timeline = new Timeline(systemClock, (step) => report(renderStep(step)));
    const result = await withTools(loaded, env, { report, signal: interruption() }, (tools) =>
      isApplied
        ? reapply(tools, { service, values, ...request }, timeline)
        : rollBack(tools, { service, ...request, noWait: !wait }, timeline),
    );
    if (json) return console.log(JSON.stringify({ ...result, steps: timeline.steps }, null, 2));
    const { from, to, outcome } = result;
    console.log(`${service} in ${env} from ${from} back to ${to}: ${outcome} in ${timeline.seconds.toFixed(1)} s`);
  });

export default start(command, module);
