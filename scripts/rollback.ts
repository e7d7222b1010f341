import { Command } from 'commander';
import { systemClock } from '../clients/clock';
import { secretNames } from '../delivery/push-apply/deploy';
import { reapply } from '../delivery/push-apply/reapply';
import { rollBack } from '../delivery/ship/rollback';
import { renderProgress, Timeline } from '../delivery/ship/timeline';
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
  readonly to?: string;
  readonly revert?: string;
  readonly argocd?: number;
  readonly reason?: string;
  readonly wait: boolean;
  readonly dryRun?: true;
  readonly json?: true;
}

const command = endHelp(platformOptions(new Command('npm run rollback --')), {
  examples: [
    'npm run rollback -- nextjs --env prod --dry-run',
    'npm run rollback -- nextjs --env prod --to 8caff6f --reason "checkout fails"',
  ],
  exits: '0 done, 1 failed, 2 wrong usage or configuration, 3 refused by lock or registry check',
})
  .argument('<service>', 'service of the platform')
  .description(
    'Rolls a service back to the previous tag, or to another one, with a pin in Git that no delivery overrides. Once the cause ' +
      'is fixed, run: npm run tag -- unpin. Where CI applies the manifests, it applies an earlier commit again.',
  )
  .option('--to <tag>', 'go back to this tag; where CI applies the manifests, to this commit')
  .option('--revert <commit>', 'go back to the state before this commit of the config repository')
  .option('--argocd <id>', "go back to the tag of this id in Argo CD's history", Number)
  .option('--reason <text>', 'reason, recorded in the pin', 'rollback')
  .option('--no-wait', 'do not follow the rollout; for use without access to the cluster')
  .option('--dry-run', 'show what would be pinned, without pinning it')
  .action(async (service: string, options: Options) => {
    const { json, wait, env, platform, ...request } = options;
    const ways = [request.to, request.revert, request.argocd].filter((way) => way !== undefined);
    if (ways.length > 1) throw new UsageError('give only one of --to, --revert and --argocd');
    if (Number.isNaN(request.argocd)) throw new UsageError('--argocd: give the id of an entry in the history');
    const loaded = loadPlatform(platform);
    const isApplied = environmentOf(loaded, env).delivery.kind === 'push-apply';
    const values = takeSecrets(isApplied ? secretNames({ platform: loaded, env }) : []);
    const report = (line: string) => console.error(line);
    const timeline = new Timeline(systemClock, (step) => report(renderProgress(step)));
    const result = await withTools(loaded, env, { report, signal: interruption() }, (tools) =>
      isApplied
        ? reapply(tools, { service, values, ...request }, timeline)
        : rollBack(tools, { service, ...request, noWait: !wait }, timeline),
    );
    if (json) return console.log(JSON.stringify({ ...result, steps: timeline.steps }, null, 2));
    const { from, to, outcome } = result;
    console.log(
      `${service} in ${env} rolled back from ${from} to ${to}: ${outcome} in ${timeline.seconds.toFixed(1)} s`,
    );
  });

export default start(command, module);
