import { Command, Option } from 'commander';
import { signedInClients } from '../clients/google';
import { LAYERS } from '../contracts/layers';
import { loadPlatform, restoreOf } from '../platforms/load';
import { projectOf, vmOf } from '../platforms/schema/environment';
import { namesOf } from '../platforms/schema/names';
import { readIdentity } from '../recovery/identity-record';
import { snapshotName } from '../recovery/snapshot-name';
import { Snapshots } from '../recovery/snapshots';
import { synthesise } from '../stacks/app';
import { stacksOf } from '../terraform/stacks';
import { fail, platformOptions, wrongUsage } from './support/options';

interface Options {
  readonly platform: string;
  readonly env: string;
  readonly json?: true;
}

const command = new Command('npm run snapshot --').description("Snapshots of an environment's VM.");

platformOptions(command.command('make'))
  .description('makes a snapshot of the boot disk, with a record of its VM and layers, and waits until it is ready')
  .addOption(
    new Option('--layer <layer>', 'the last layer that was applied')
      .choices(LAYERS.map(({ id }) => id))
      .default(LAYERS.at(-1)?.id),
  )
  .option('--dry-run', 'say what would be made, and make nothing')
  .action(async ({ layer, dryRun, ...options }: Options & { layer: string; dryRun?: true }) => {
    const { platform, snapshots, vm, disk } = await open(options);
    const name = snapshotName(layer, vm, await snapshots.now());
    if (dryRun) {
      return console.log(options.json ? JSON.stringify({ dryRun, name, disk }) : `would make ${name} of ${disk}`);
    }
    const record = await readIdentity(stacksOf(platform, options.env, synthesise(platform)));
    const made = await snapshots.make(name, disk, layer, record);
    console.log(options.json ? JSON.stringify(made, null, 2) : `${made.name} is ${made.status}, ${made.sizeGb} GB`);
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
  const names = namesOf(name, env);
  const project = projectOf(platform, env);
  const { zone } = platform.google;
  return {
    platform,
    vm: names.vm,
    disk: names.bootDisk(restoreOf(platform, env).generation),
    snapshots: new Snapshots((await signedInClients()).compute, project, zone, { platform: name, environment: env }),
  };
}

command.exitOverride(wrongUsage).parseAsync().catch(fail);
