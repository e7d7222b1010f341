import { once } from 'node:events';
import { userInfo } from 'node:os';
import { Command } from 'commander';
import { systemClock } from '../clients/clock';
import { GitRefStore } from '../delivery/git/git-ref-store';
import { credentialsOf } from '../delivery/git/remote';
import { DeploymentLock, type LockStatus } from '../delivery/lock/deployment-lock';
import type { Holder } from '../delivery/lock/record';
import { duration, heldBy } from '../delivery/lock/words';
import { holderOf } from '../delivery/ship/tools';
import { UsageError } from '../errors';
import { loadPlatform } from '../platforms/load';
import { environmentOf } from '../platforms/schema/define-platform';
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

interface HolderOptions extends Options {
  readonly owner: string;
  readonly run?: string;
}

interface TakeOptions extends HolderOptions {
  readonly reason: string;
  readonly wait: string;
  readonly detach?: true;
}

const command = new Command('npm run lock --').description(
  'The lock of an environment allows one deployment at a time. It is a ref in the config repository, which every write moves. ' +
    '`ship`, `rollback` and `tag` take and release it themselves.',
);

endHelp(platformOptions(command.command('status')), {
  examples: ['npm run lock -- status --env prod'],
  exits: '0 done, 1 failed, 2 wrong usage or configuration',
})
  .description('shows who holds the lock, since when, and when it was last renewed')
  .action(async (options: Options) => {
    await withLock(options, async (lock) => {
      const status = await lock.status();
      console.log(options.json ? JSON.stringify({ lock: lock.name, ...status }, null, 2) : sentence(lock.name, status));
    });
  });

endHelp(holder(command.command('take')), {
  examples: [
    'npm run lock -- take --env prod --reason "database upgrade"',
    'npm run lock -- take --env prod --reason "database upgrade" --detach',
  ],
  exits: '0 done, 1 failed, 2 wrong usage or configuration, 3 held by somebody else',
})
  .description('takes the lock for maintenance and holds it until Ctrl-C')
  .requiredOption('--reason <text>', 'reason, shown to whoever waits for the lock (required)')
  .option('--wait <minutes>', 'how long to wait for another holder', '5')
  .option('--detach', 'exit and keep the lock, which expires because it is not renewed')
  .option('--dry-run', 'show who holds the lock, without taking it')
  .action(async (options: TakeOptions) => {
    const wait = Number(options.wait) * 60_000;
    if (!(wait >= 0)) throw new UsageError(`--wait: got "${options.wait}"; give a number of minutes, such as 20`);
    const signal = interruption();
    await withLock(
      options,
      async (lock) => {
        if (options.dryRun)
          return print(options, await lock.status(), `would take: ${sentence(lock.name, await lock.status())}`);
        const held = await lock.take(holderIn(options), {
          reason: options.reason,
          signal,
          onWait: ({ record, waited }) =>
            console.error(
              `${lock.name} is held by ${heldBy(record)} since ${record.since}; waited ${duration(waited)}`,
            ),
        });
        const { owner, run } = held.record;
        const release = `npm run lock -- release --env ${options.env} --owner ${owner} --run ${run}`;
        print(options, held.record, `${lock.name} is held by ${heldBy(held.record)}; release it with: ${release}`);
        if (options.detach) return;
        const renewing = held.keepRenewed();
        const end = AbortSignal.any([signal, held.lost]);
        if (!end.aborted) await once(end, 'abort');
        await held.release();
        await renewing;
        if (held.lost.aborted) throw held.lost.reason;
      },
      wait,
    );
  });

endHelp(holder(command.command('release')), {
  examples: ['npm run lock -- release --env prod --owner jane --run manual'],
  exits: '0 done, 1 failed, 2 wrong usage or configuration, 3 held by somebody else',
})
  .description('releases the lock that this run has taken, never the lock of another run')
  .option('--dry-run', 'show who holds the lock, without releasing it')
  .action(async (options: HolderOptions) => {
    await withLock(options, async (lock) => {
      if (options.dryRun)
        return print(options, await lock.status(), `would release: ${sentence(lock.name, await lock.status())}`);
      const outcome = await lock.release(holderIn(options));
      print(options, { lock: lock.name, outcome }, `${lock.name} is ${outcome === 'free' ? 'already ' : ''}free`);
    });
  });

endHelp(platformOptions(command.command('break')), {
  examples: [
    'npm run lock -- break --env prod --reason "the runner is gone" --dry-run',
    'npm run lock -- break --env prod --reason "the runner is gone"',
  ],
  exits: '0 done, 1 failed, 2 wrong usage or configuration',
})
  .description(
    'takes the lock away from a run that has died. A run that is still alive can no longer write to Git, but is not stopped in ' +
      'the cluster.',
  )
  .requiredOption('--reason <text>', 'reason, recorded in the history of the lock (required)')
  .option('--dry-run', 'show who holds the lock, without breaking it')
  .action(async (options: Options & { readonly reason: string }) => {
    await withLock(options, async (lock) => {
      if (options.dryRun)
        return print(options, await lock.status(), `would break: ${sentence(lock.name, await lock.status())}`);
      const broken = await lock.break(holderOf(userInfo().username), options.reason);
      const words = broken ? `${lock.name} is free; it was held by ${heldBy(broken)}` : `${lock.name} was already free`;
      print(options, { lock: lock.name, broken: broken ?? null }, words);
    });
  });

function holder(one: Command): Command {
  return platformOptions(one)
    .option('--owner <name>', 'person or service that holds it', userInfo().username)
    .option('--run <name>', 'run that holds it (default: the workflow run, or this process)');
}

function holderIn({ owner, run }: HolderOptions): Holder {
  return { ...holderOf(owner), ...(run && { run }) };
}

async function withLock(options: Options, work: (lock: DeploymentLock) => Promise<void>, wait?: number): Promise<void> {
  const platform = loadPlatform(options.platform);
  if (!environmentOf(platform, options.env).delivery.lock) {
    throw new UsageError(
      `environment "${options.env}" of platform "${platform.name}" has no lock: ` +
        'set `delivery.lock` to true in its description, or choose another environment',
    );
  }
  const store = await GitRefStore.open(platform.repository.url, credentialsOf(process.env));
  try {
    const times = wait === undefined ? {} : { wait };
    await work(new DeploymentLock({ store, clock: systemClock, platform: platform.name, env: options.env, times }));
  } finally {
    store.close();
  }
}

function sentence(name: string, { record }: LockStatus): string {
  if (record?.state !== 'held')
    return `${name} is free${record ? ` since ${record.at}: ${record.action} by ${heldBy(record)}` : ''}`;
  const ago = (date: string) => duration(Date.now() - Date.parse(date));
  const why = record.reason ? `: ${record.reason}` : '';
  return `${name} is held by ${heldBy(record)} for ${ago(record.since)}, last renewed ${ago(record.at)} ago${why}`;
}

function print({ json }: Options, result: object, words: string): void {
  console.log(json ? JSON.stringify(result, null, 2) : words);
}

command.exitOverride(wrongUsage);
export default start(command, module);
