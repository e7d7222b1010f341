import { userInfo } from 'node:os';
import { Command } from 'commander';
import { systemClock } from '../clients/clock';
import { deliveredImageOf } from '../delivery/image/own-images';
import { checkImage, keepImages, passGate, underLock } from '../delivery/ship/steps';
import { placeOf } from '../delivery/ship/target';
import { Timeline } from '../delivery/ship/timeline';
import { type DeliveryTools, withTools } from '../delivery/ship/tools';
import { connectPullRequests } from '../delivery/tag/github-pull-requests';
import type { TagResult, WantedTag } from '../delivery/tag/tag';
import { UsageError } from '../errors';
import { loadPlatform } from '../platforms/load';
import { endHelp } from './support/help';
import { interruption } from './support/interruption';
import { platformOptions, wrongUsage } from './support/options';
import { start } from './support/start';

interface Options {
  readonly platform: string;
  readonly env: string;
  readonly json?: true;
  readonly dryRun?: true;
}

interface SetOptions extends Options {
  readonly service: readonly string[];
  readonly tag: string;
  readonly pr?: true;
}

interface ServiceOptions extends Options {
  readonly service: string;
}

const command = new Command('npm run tag --').description(
  'Image tags in the config repository. `ship` and `rollback` write them too, and follow the rollout.',
);

endHelp(platformOptions(command.command('set')), {
  examples: [
    'npm run tag -- set --env prod --service nextjs --tag 8caff6f --dry-run',
    'npm run tag -- set --env prod --service nextjs ml-service --tag 8caff6f',
  ],
  exits:
    '0 done, 1 failed, 2 wrong usage or configuration, 3 refused by ancestry, pin, gate, lock or registry check, 5 asleep',
})
  .description('moves tags forward in one commit, only to commits that descend from the deployed ones')
  .requiredOption('--service <name...>', 'services of the platform (required)')
  .requiredOption('--tag <tag>', 'tag of all of them, which must exist in the registry (required)')
  .option('--pr', 'push the change to a new branch and open a pull request')
  .option('--dry-run', 'show what would be written, without writing it')
  .action(async ({ service: services, tag, pr, dryRun, ...options }: SetOptions) => {
    const result = await run(options, async (tools) => {
      const pullRequests = pr && (await connectPullRequests(tools.platform.repository.url, process.env));
      const images = services.map((service) => deliveredImageOf(tools.platform, service));
      const places = await Promise.all(images.map((image) => placeOf(tools, image)));
      const wanted: WantedTag[] = [];
      for (const { target } of places) {
        const { digest } = await checkImage(tools, target.image, tag);
        wanted.push({ target, tag, digest });
      }
      const [place] = places;
      if (!place) throw new UsageError('--service: missing; give at least one');
      // Whoever merges the pull request deploys it, so the gate is not asked here.
      if (pullRequests) return place.writer.propose(wanted, pullRequests, dryRun);
      for (const { name } of images) await passGate(tools, { service: name, version: tag, trigger: 'manual' });
      if (dryRun) return place.writer.set(wanted, { dryRun });
      return locked(tools, services.join('+'), (lock) => place.writer.set(wanted, { lock }));
    });
    printResult(options, result);
  });

endHelp(platformOptions(command.command('pin')), {
  examples: ['npm run tag -- pin --env prod --service nextjs --reason "checkout fails"'],
  exits: '0 done, 1 failed, 2 wrong usage or configuration, 3 refused by lock or registry check',
})
  .description('sets the tag of a service and keeps it until `unpin`')
  .requiredOption('--service <name>', 'service of the platform (required)')
  .option('--tag <tag>', 'tag to keep (default: the deployed one)')
  .requiredOption('--reason <text>', 'reason, shown to whoever ships the service (required)')
  .option('--dry-run', 'show what would be written, without writing it')
  .action(async ({ service, tag, reason, dryRun, ...options }: ServiceOptions & { tag?: string; reason: string }) => {
    const pin = { reason, by: process.env['GITHUB_ACTOR'] ?? userInfo().username };
    const result = await run(options, async (tools) => {
      const place = await placeOf(tools, deliveredImageOf(tools.platform, service));
      const { writer, target } = place;
      if (tag !== undefined) await checkImage(tools, target.image, tag);
      if (dryRun) return writer.pin(target, tag, pin, { dryRun });
      const pinned = await locked(tools, service, (lock) => writer.pin(target, tag, pin, { lock }));
      await keepImages(tools, place, { pinned: pinned.changes[0]?.to });
      return pinned;
    });
    printResult(options, result, 'is pinned to');
  });

endHelp(platformOptions(command.command('unpin')), {
  examples: ['npm run tag -- unpin --env prod --service nextjs'],
  exits: '0 done, 1 failed, 2 wrong usage or configuration, 3 refused by the lock',
})
  .description('allows the tag of a service to move forward again')
  .requiredOption('--service <name>', 'service of the platform (required)')
  .option('--dry-run', 'show what would be written, without writing it')
  .action(async ({ service, dryRun, ...options }: ServiceOptions) => {
    const result = await run(options, async (tools) => {
      const place = await placeOf(tools, deliveredImageOf(tools.platform, service));
      const { writer, target } = place;
      if (dryRun) return writer.unpin(target, { dryRun });
      const unpinned = await locked(tools, service, (lock) => writer.unpin(target, { lock }));
      // What was pinned is no longer needed; what is deployed is, and the next rollout moves the tag on.
      await keepImages(tools, place, { pinned: (await writer.current(target)).tag });
      return unpinned;
    });
    printResult(options, result, 'is no longer pinned to');
  });

endHelp(platformOptions(command.command('history')), {
  examples: ['npm run tag -- history --env prod --service nextjs --limit 3'],
  exits: '0 done, 1 failed, 2 wrong usage or configuration',
})
  .description('lists the tags of a service, newest first, and its pin')
  .requiredOption('--service <name>', 'service of the platform (required)')
  .option('--limit <count>', 'number of tags to list', '10')
  .action(async ({ service, limit, ...options }: ServiceOptions & { limit: string }) => {
    if (!/^[1-9]\d*$/.test(limit)) throw new UsageError(`--limit: got "${limit}"; give a whole number from 1`);
    await run(options, async (tools) => {
      const { writer, target } = await placeOf(tools, deliveredImageOf(tools.platform, service));
      const { pin } = await writer.current(target);
      const entries = await writer.history(target, Number(limit));
      if (options.json) return console.log(JSON.stringify({ pin: pin ?? null, entries }, null, 2));
      if (pin) console.log(`pinned to ${pin.tag} by ${pin.by} since ${pin.since}: ${pin.reason}`);
      for (const { tag, date, commit, action = 'by hand', author, run: by = '' } of entries)
        console.log([tag, date, commit.slice(0, 7), action, author, by].join('  ').trimEnd());
    });
  });

function run<T>({ platform, env }: Options, work: (tools: DeliveryTools) => Promise<T>): Promise<T> {
  const report = (line: string) => console.error(line);
  return withTools(loadPlatform(platform), env, { report, signal: interruption() }, work);
}

function locked(
  tools: DeliveryTools,
  owner: string,
  write: (lock: Parameters<Parameters<typeof underLock>[3]>[0]) => Promise<TagResult>,
): Promise<TagResult> {
  return underLock(tools, owner, new Timeline(systemClock, () => undefined), write);
}

/** @param unchanged - what to say of a service whose tag stays the same. */
function printResult({ env, json }: Options, result: TagResult, unchanged = 'stays at'): void {
  if (json) {
    console.log(JSON.stringify(result, null, 2));
    return;
  }
  const { outcome, commit, branch, changes, pullRequest } = result;
  for (const { service, from = 'nothing', to, ancestry } of changes)
    console.log(
      from === to
        ? `${service} in ${env} ${unchanged} ${to}`
        : `${service} in ${env}: ${from} -> ${to}${ancestry ? ` (${ancestry})` : ''}`,
    );
  console.log(`${outcome}: ${pullRequest?.url ?? `${commit.slice(0, 7)} on ${branch}`}`);
}

command.exitOverride(wrongUsage);
export default start(command, module);
