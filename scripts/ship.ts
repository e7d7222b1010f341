import { Command, Option } from 'commander';
import { systemClock } from '../delivery/clock';
import { ship } from '../delivery/ship/ship';
import type { Trigger } from '../delivery/ship/steps';
import { renderStep, Timeline } from '../delivery/ship/timeline';
import { withTools } from '../delivery/ship/tools';
import { loadPlatform } from '../platforms/load';
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
  readonly wait: boolean;
  readonly dryRun?: true;
  readonly json?: true;
}

platformOptions(new Command('npm run ship --'))
  .argument('<service>', 'service of the platform, or one of its own images')
  .description(
    'Takes the commit that is checked out to a verified rollout: gate, lock, build, registry check, tag in Git, rollout.\n' +
      'It can be run again after any failure, and Ctrl-C frees the lock.',
  )
  .option('--tag <tag>', 'deploy this tag, which the registry has, instead of building one')
  .option('--source <directory>', "checkout of the service's repository", '.')
  .option('--build-only', 'build and push, and deploy nothing')
  .option('--scan', 'look for known vulnerabilities in what is built, by Trivy')
  .option('--no-wait', 'end once the tag is in Git, for who has no access to the cluster')
  .addOption(
    new Option('--trigger <kind>', 'a push, or a person who started it').choices(['push', 'manual']).default('manual'),
  )
  .option('--dry-run', 'ask the gate and show what would be done, and do nothing')
  .addHelpText(
    'after',
    '\nExit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 refused by gate, lock or registry check, 5 asleep.',
  )
  .action(async (service: string, options: Options) => {
    const { json, wait, env, platform, ...request } = options;
    const report = (line: string) => console.error(line);
    const timeline = new Timeline(systemClock, (step) => report(renderStep(step)));
    const shipped = await withTools(loadPlatform(platform), env, { report, signal: interruption() }, (tools) =>
      ship(tools, { service, ...request, noWait: !wait }, timeline),
    );
    if (json) return console.log(JSON.stringify({ ...shipped, steps: timeline.steps }, null, 2));
    const { tag, outcome } = shipped;
    console.log(`${service} ${tag} to ${env}: ${outcome} in ${timeline.seconds.toFixed(1)} s`);
  })
  .parseAsync()
  .catch(fail);
