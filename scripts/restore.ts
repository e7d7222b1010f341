import { relative } from 'node:path';
import { Command, Option } from 'commander';
import { signedInClients } from '../clients/google';
import { runningApplication } from '../clients/running-application';
import { DEPLOYED_LAYERS } from '../contracts/layers';
import { VPC } from '../contracts/vpc';
import { UsageError } from '../errors';
import { loadPlatform, restoreOf } from '../platforms/load';
import { deployCommand } from '../platforms/schema/deploy-command';
import { vmOf } from '../platforms/schema/environment';
import { identityOf } from '../platforms/schema/identity';
import { namesOf } from '../platforms/schema/names';
import { restoreFileOf } from '../platforms/schema/restore';
import { serialsOf } from '../recovery/identity-record';
import { assertProved, planRestore, writeRestore } from '../recovery/restore';
import { snapshotsOf } from '../recovery/snapshots';
import { synthesise } from '../stacks/app';
import { stacksOf } from '../terraform/stacks';
import { platformOptions } from './support/options';
import { start } from './support/start';

interface Options {
  readonly platform: string;
  readonly env: string;
  readonly snapshot?: string;
  readonly layer?: string;
  readonly finish?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

const command = platformOptions(new Command('npm run restore --'))
  .description(
    "Chooses the snapshot to restore an environment's VM from, and writes the choice to the platform's restore.json. " +
      'Review and commit it, then deploy 00-vpc: the VM and its disk are replaced; the address and the names stay the same.',
  )
  .option('--snapshot <name>', 'use this snapshot (default: the newest that fits)')
  .addOption(
    new Option('--layer <layer>', 'use only snapshots that were made after this layer').choices(DEPLOYED_LAYERS),
  )
  .option('--finish', 'verify the node of the restored VM, then delete its earlier disks')
  .option('--dry-run', 'show what would be written or deleted, without doing it')
  .action(async (options: Options) => {
    const platform = loadPlatform(options.platform);
    vmOf(platform, options.env);
    for (const choice of ['snapshot', 'layer'] as const)
      if (options.finish && options[choice] !== undefined)
        throw new UsageError(`--finish chooses no snapshot; leave out --${choice}`);
    const context = { platform, options, file: relative('.', restoreFileOf(platform.name)) };
    await (options.finish ? finish(context) : choose(context));
  });

interface Context {
  readonly platform: ReturnType<typeof loadPlatform>;
  readonly options: Options;
  readonly file: string;
}

async function choose({ platform, options, file }: Context): Promise<void> {
  const { env, snapshot: name, layer } = options;
  const owner = { platform: platform.name, environment: env };
  const snapshots = snapshotsOf(await signedInClients(), platform, env);
  const stacks = stacksOf(platform, env, synthesise(platform));
  const { boot_disk_id: diskId } = (await stacks[0]?.outputs()) ?? {};
  const present = restoreOf(platform, env);
  const { snapshot, restore, notes } = planRestore({
    owner,
    snapshots: await snapshots.list(),
    diskId: String(diskId),
    identity: identityOf(platform, env),
    serials: await serialsOf(stacks),
    present,
    name,
    layer,
  });
  if (!options.dryRun) writeRestore(file, platform.restores, env, restore);
  if (options.json) return console.log(JSON.stringify({ snapshot, restore, notes }, null, 2));
  console.log(
    `${options.dryRun ? 'would restore' : `${file} now restores`} from ${snapshot.name}\n` +
      `  made ${snapshot.createdAt.toISOString()} after layer ${snapshot.layer}\n` +
      `  boot disk: generation ${restore.generation} in place of ${present.generation}; earlier disks are kept until --finish${notes.map((note) => `\n  ${note}`).join('')}`,
  );
  if (!options.dryRun) console.log(`next: ${deployCommand(platform, env, [VPC.layer])}`);
}

const WORDS = { deleted: 'deleted', absent: 'already deleted' };

async function finish({ platform, options, file }: Context): Promise<void> {
  const { env, dryRun, json } = options;
  const print = (result: object, text: string) => console.log(json ? JSON.stringify(result, null, 2) : text);
  const { previous, ...kept } = restoreOf(platform, env);
  if (!previous) return print([], `nothing to finish: ${file} lists no earlier disk of ${env}`);
  const { bootDisk } = namesOf(platform.name, env);
  const disks = Array.from({ length: kept.generation - previous.generation }, (_, index) =>
    bootDisk(previous.generation + index),
  );
  await assertProved({ env, disks, identity: identityOf(platform, env) }, () =>
    runningApplication(platform, env).node(),
  );
  const snapshots = snapshotsOf(await signedInClients(), platform, env);
  const outcomes: { disk: string; outcome: string }[] = [];
  for (const disk of disks) {
    outcomes.push({ disk, outcome: dryRun ? 'would be deleted' : WORDS[await snapshots.deleteDisk(disk)] });
  }
  if (!dryRun) writeRestore(file, platform.restores, env, { ...kept, finished: true });
  print(outcomes, outcomes.map(({ disk, outcome }) => `disk ${disk} ${outcome}`).join('\n'));
}

export default start(command, module);
