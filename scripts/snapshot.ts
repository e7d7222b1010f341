import { Command, Option } from 'commander';
import { signedInClients } from '../clients/google';
import { DEPLOYED_LAYERS } from '../contracts/layers';
import { EXIT_CODES } from '../errors';
import { loadPlatform, restoreOf } from '../platforms/load';
import { vmOf } from '../platforms/schema/environment';
import { namesOf } from '../platforms/schema/names';
import { expired, snapshotsOf } from '../recovery/snapshots';
import { problemsOf } from '../recovery/verify-snapshot';
import { columns } from '../terminal/columns';
import { type MakeSnapshot, makeSnapshot } from './support/make-snapshot';
import { platformOptions, positiveInteger, wrongUsage } from './support/options';
import { start } from './support/start';

interface Options {
  readonly platform: string;
  readonly env: string;
  readonly json?: true;
}

const command = new Command('npm run snapshot --')
  .description("Snapshots of an environment's VM.")
  .addHelpText(
    'after',
    '\nExamples:\n' +
      '  npm run snapshot -- make --env prod\n' +
      '  npm run snapshot -- make --env prod --layer 01-k8s --cold\n' +
      '  npm run snapshot -- verify --env prod\n' +
      '  npm run snapshot -- prune --env prod --keep 3 --dry-run\n' +
      '\nExit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 refused, 4 a snapshot cannot be used.',
  );

platformOptions(command.command('make'))
  .description(
    'creates a snapshot of the boot disk, with a record of its VM, layers and cluster, waits until it is ready, and verifies it. ' +
      'It has what the disk had at that moment, as after a power failure; with `snapshots.guestFlush`, scripts of the guest ' +
      'flush its data before',
  )
  .addOption(
    new Option('--layer <layer>', 'last applied layer (default: the last one whose state has resources)').choices(
      DEPLOYED_LAYERS,
    ),
  )
  .option(
    '--cold',
    'stop the VM meanwhile, with its watchdog and power schedule; all three are brought back afterwards',
  )
  .option('--wait', 'wait until the snapshot is ready (default)')
  .option('--no-wait', 'return once Google has begun')
  .option('--allow-changes', 'create it although the layer has changes that are not applied')
  .option('--dry-run', 'show what would be created, without creating it')
  .action(async (options: MakeSnapshot) => {
    const made = await makeSnapshot(options);
    if (options.json) return console.log(JSON.stringify(made, null, 2));
    if ('dryRun' in made) return console.log(`would create ${made.name} of ${made.disk}`);
    console.log(`${made.name} is ${made.status}, ${made.sizeGb} GB`);
  });

platformOptions(command.command('verify'))
  .description('verifies source disk, labels, status and storage location of every snapshot, or of one')
  .argument('[name]', 'the snapshot (default: all)')
  .action(async (name: string | undefined, { json, ...options }: Options) => {
    const { platform, snapshots, restore, disk } = await open(options);
    const found = name ? [await snapshots.get(name)] : await snapshots.list();
    const present = await snapshots.disk(disk);
    const expected = {
      owner: { platform: platform.name, environment: options.env },
      lineage: [...(present ? [present.id] : []), ...(restore.lineage ?? [])],
      region: platform.google.region,
    };
    const outcomes = found.map((one) => ({ name: one.name, problems: problemsOf(one, expected) }));
    if (outcomes.some(({ problems }) => problems.length > 0)) process.exitCode = EXIT_CODES.different;
    if (json) return console.log(JSON.stringify(outcomes, null, 2));
    const rows = outcomes.map((one) => [one.problems.length ? 'REFUSED' : 'ok', one.name, one.problems.join('; ')]);
    console.log(columns(rows).join('\n') || `${platform.name} ${options.env} has no snapshots`);
  });

platformOptions(command.command('prune'))
  .description(
    'deletes snapshots of `make` that are older than `snapshots.keepDays`, or more than --keep of a layer, except the last of ' +
      'each layer and those that the disks were created from',
  )
  .addOption(new Option('--keep <n>', 'keep the newest n of each layer, whatever their age').argParser(positiveInteger))
  .option('--dry-run', 'show what would be deleted, without deleting it')
  .action(async ({ dryRun, keep, ...options }: Options & { dryRun?: true; keep?: number }) => {
    const { platform, snapshots, restore, disk } = await open(options);
    const source = (await snapshots.disk(disk))?.source;
    const used = [restore.snapshot, restore.previous?.snapshot, source].filter((one) => one !== undefined);
    const { keepDays } = vmOf(platform, options.env).snapshots;
    const now = await snapshots.now();
    const found = expired(await snapshots.list(), keep ? { keep, now, used } : { keep: 1, keepDays, now, used });
    const outcomes: { name: string; outcome: string }[] = [];
    for (const { name } of found) {
      outcomes.push({ name, outcome: dryRun ? 'would be deleted' : `is ${await snapshots.delete(name)}` });
    }
    if (options.json) return console.log(JSON.stringify(outcomes, null, 2));
    console.log(outcomes.map(({ name, outcome }) => `${name} ${outcome}`).join('\n') || 'no snapshot has expired');
  });

platformOptions(command.command('list'))
  .description('lists the snapshots that carry the labels of the environment, newest first')
  .action(async (options: Options) => {
    const found = await (await open(options)).snapshots.list();
    if (options.json) return console.log(JSON.stringify(found, null, 2));
    if (found.length === 0) console.log(`${options.platform} ${options.env} has no snapshots`);
    for (const { name, status, layer, sizeGb } of found) console.log(`${name}  ${status}  ${layer}  ${sizeGb} GB`);
  });

async function open({ platform: name, env }: Options) {
  const platform = loadPlatform(name);
  vmOf(platform, env);
  const restore = restoreOf(platform, env);
  const disk = namesOf(name, env).bootDisk(restore.generation);
  return { platform, restore, disk, snapshots: snapshotsOf(await signedInClients(), platform, env) };
}

command.exitOverride(wrongUsage);
export default start(command, module);
