import { relative } from 'node:path';
import { Command, Option } from 'commander';
import { DEPLOYED_LAYERS } from '../contracts/layers';
import { UsageError } from '../errors';
import { loadPlatform, restoreOf } from '../platforms/load';
import { vmOf } from '../platforms/schema/environment';
import { restoreFileOf } from '../platforms/schema/restore';
import { MAX_AGE_HOURS } from '../recovery/read-facts';
import { ALLOWABLE } from '../recovery/restore-facts';
import { platformOptions, positiveInteger } from './support/options';
import { type RestoreDatabaseOptions, restoreDatabase } from './support/restore-database';
import { abandon, continueRestore, finish, type RestoreOptions, restore } from './support/restore-environment';
import { start } from './support/start';

/** What only a new restore needs. */
const CHOICES = ['from', 'layer', 'zone', 'allow'] as const;

/** What only a restore of a disk, or only one of a database needs. */
const OF_DISKS = ['zone', 'layer', 'allow'] as const;
const OF_DATABASES = ['dump', 'allowMissing'] as const;

const command = platformOptions(new Command('npm run restore --'))
  .description(
    "Restores an environment's VM from a snapshot. It shows what is replaced and kept, checks the snapshot, asks, writes the " +
      "choice to the platform's restore.json, applies 00-vpc, verifies the VM, and applies what the snapshot lacks. The address " +
      'and the names stay the same. Without options it continues a restore that was interrupted.',
  )
  .option('--from <snapshot>', 'name of a snapshot, `latest`, or a time: the newest until then (default: latest)')
  .addOption(
    new Option('--layer <layer>', 'use only snapshots that were made after this layer').choices(DEPLOYED_LAYERS),
  )
  .option('--zone <zone>', 'restore into this zone of the region, such as one that is not lost')
  .addOption(
    new Option('--max-age <hours>', 'oldest acceptable data').argParser(positiveInteger).default(MAX_AGE_HOURS),
  )
  .addOption(new Option('--allow <check...>', 'restore although this check is refused').choices(ALLOWABLE))
  .option('--no-apply', 'write restore.json only, to be reviewed, committed and deployed')
  .option('--finish', 'verify the node of the restored VM, then delete its earlier disks')
  .option('--abandon', 'return to the disk before a restore that is not finished')
  .option('--database [name]', 'restore the rows of a database from a dump instead (default: named as the platform)')
  .option('--dump <file>', 'with --database: this dump of pg_dump --format=custom (default: from the backup bucket)')
  .option('--allow-missing', 'with --database: swap although the dump lacks a table or its rows')
  .option('--pod <name>', 'with --database: the pod of the server', 'postgres-0')
  .option('--yes', 'do not ask')
  .option('--dry-run', 'show what would be done, without doing it')
  .option('--plan-only', 'the same as --dry-run')
  .addHelpText(
    'after',
    '\nExamples:\n' +
      '  npm run restore -- --env prod --plan-only\n' +
      '  npm run restore -- --env prod --from latest\n' +
      '  npm run restore -- --env prod --from 2026-01-05T02:00:00Z --max-age 48\n' +
      '  npm run restore -- --env prod --zone us-east1-c\n' +
      '  npm run restore -- --env prod                 # continues an interrupted restore\n' +
      '  npm run restore -- --env prod --finish\n' +
      '  npm run restore -- --env prod --database threads --from latest\n' +
      '\nExit codes: 0 done; 1 failed, run it again; 2 wrong usage or configuration; 3 a check refuses, or not confirmed.',
  )
  .action(async (given: RestoreOptions | RestoreDatabaseOptions) => {
    const options = { ...given, ...(given.planOnly && { dryRun: true as const }) };
    const lost = (isOfDatabase(options) ? OF_DISKS : OF_DATABASES).find((name) => name in options);
    if (lost)
      throw new UsageError(
        `--${lost} is ${isOfDatabase(options) ? 'not used with' : 'only used with'} --database; leave it out`,
      );
    if (isOfDatabase(options)) return restoreDatabase(options);
    const platform = loadPlatform(options.platform);
    vmOf(platform, options.env);
    const closing = options.finish ? '--finish' : options.abandon ? '--abandon' : undefined;
    if (options.finish && options.abandon) throw new UsageError('give --finish or --abandon, not both');
    for (const choice of CHOICES)
      if (closing && options[choice] !== undefined)
        throw new UsageError(`${closing} chooses no snapshot; leave out --${choice}`);
    const context = { platform, options, file: relative('.', restoreFileOf(platform.name)) };
    const { previous, abandoned } = restoreOf(platform, options.env);
    const isNew = CHOICES.some((choice) => options[choice] !== undefined);
    if (options.finish) await finish(context);
    else if (options.abandon) await abandon(context);
    else if ((previous || abandoned) && !isNew) await continueRestore(context);
    else await restore(context);
  });

function isOfDatabase(options: RestoreOptions | RestoreDatabaseOptions): options is RestoreDatabaseOptions {
  return 'database' in options;
}

export default start(command, module);
