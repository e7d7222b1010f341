import { Command, Option } from 'commander';
import { signedInClients } from '../clients/google';
import { DEPLOYED_LAYERS } from '../contracts/layers';
import { loadPlatform, restoreOf } from '../platforms/load';
import { layersOf, vmOf } from '../platforms/schema/environment';
import { namesOf } from '../platforms/schema/names';
import { lastDeployed, readIdentity } from '../recovery/identity-record';
import { snapshotName } from '../recovery/snapshot-name';
import { expired, snapshotsOf } from '../recovery/snapshots';
import { synthesise } from '../stacks/app';
import { stacksOf } from '../terraform/stacks';
import { platformOptions, wrongUsage } from './support/options';
import { start } from './support/start';

interface Options {
  readonly platform: string;
  readonly env: string;
  readonly json?: true;
}

const command = new Command('npm run snapshot --').description("Snapshots of an environment's VM.");

platformOptions(command.command('make'))
  .description('creates a snapshot of the boot disk, with a record of its VM and layers, and waits until it is ready')
  .addOption(
    new Option('--layer <layer>', 'last applied layer (default: the last one whose state has resources)').choices(
      DEPLOYED_LAYERS,
    ),
  )
  .option('--dry-run', 'show what would be created, without creating it')
  .action(async ({ layer: given, dryRun, ...options }: Options & { layer?: string; dryRun?: true }) => {
    const { platform, snapshots, vm, disk } = await open(options);
    const stacks = stacksOf(platform, options.env, synthesise(platform));
    const layer = given ?? (await lastDeployed(layersOf(platform, options.env), stacks));
    const name = snapshotName(layer, vm, await snapshots.now());
    if (dryRun) {
      return console.log(options.json ? JSON.stringify({ dryRun, name, disk }) : `would create ${name} of ${disk}`);
    }
    const made = await snapshots.make(name, disk, layer, await readIdentity(stacks));
    console.log(options.json ? JSON.stringify(made, null, 2) : `${made.name} is ${made.status}, ${made.sizeGb} GB`);
  });

platformOptions(command.command('prune'))
  .description(
    'deletes snapshots of `make` that are older than `snapshots.keepDays`, except the last of each layer and the one in ' +
      'restore.json',
  )
  .option('--dry-run', 'show what would be deleted, without deleting it')
  .action(async ({ dryRun, ...options }: Options & { dryRun?: true }) => {
    const { snapshots, keepDays, used } = await open(options);
    const found = expired(await snapshots.list(), { now: await snapshots.now(), keepDays, used });
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
  const { keepDays } = vmOf(platform, env).snapshots;
  const { generation, snapshot: used } = restoreOf(platform, env);
  const names = namesOf(name, env);
  return {
    platform,
    keepDays,
    used,
    vm: names.vm,
    disk: names.bootDisk(generation),
    snapshots: snapshotsOf(await signedInClients(), platform, env),
  };
}

command.exitOverride(wrongUsage);
export default start(command, module);
