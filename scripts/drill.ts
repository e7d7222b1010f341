import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { signedInClients } from '../clients/google';
import { EXIT_CODES, UsageError } from '../errors';
import { type LoadedPlatform, loadPlatform } from '../platforms/load';
import { environmentOf } from '../platforms/schema/define-platform';
import { drill, drillText, durationsOf, RECOVERIES, type Recovery } from '../rehearsal/drill';
import { groundFolder, openGround } from '../rehearsal/ground';
import { RealDrill, realGround } from '../rehearsal/real-ground';
import { compareWith, readRealRun } from '../rehearsal/real-run';
import { Rehearsal } from '../rehearsal/rehearsal';
import { type RehearsalReport, renderReport } from '../rehearsal/report';
import { assertWritable } from '../rehearsal/report-files';
import { runSteps } from '../rehearsal/run';
import { synthesise } from '../stacks/app';
import { confirmed } from './support/confirmed';
import { interruption } from './support/interruption';
import { platformOptions } from './support/options';
import { start } from './support/start';
import { tunnelled } from './support/tunnelled';

interface Options {
  readonly platform: string;
  readonly env?: string;
  readonly layerRebuild?: true;
  readonly diskRestore?: true;
  readonly real?: true;
  readonly confirm?: string;
  readonly compare?: string;
  readonly report: string;
  readonly directory?: string;
  readonly dryRun?: true;
  readonly json?: true;
}

const command = platformOptions(new Command('npm run drill --'), 'optional')
  .description(
    'Practises recovery alone: the layers of a cluster are rebuilt, or its VM is lost and restored from a snapshot. In the ' +
      'sandbox the environment is deployed first; with --real it is done to the real one.',
  )
  .option('--layer-rebuild', 'destroy the layers of the cluster and deploy them again (default: both recoveries)')
  .option('--disk-restore', 'lose the VM, and restore it from a snapshot that is created before')
  .option('--real', 'on real clouds: the application is down for minutes, and data goes back to the snapshot')
  .option('--confirm <environment>', 'with --real: the name of the environment, instead of typing it')
  .option('--compare <file>', 'durations of a drill with --real, to compare the estimates with')
  .option('--report <folder>', 'folder for drill.json, drill.log and, with --real, drill-durations.json', 'reports')
  .option('--directory <folder>', 'folder for the simulated clouds')
  .option('--dry-run', 'print the steps, and do nothing')
  .addHelpText(
    'after',
    '\nExamples:\n' +
      '  npm run drill -- --env prod\n' +
      '  npm run drill -- --disk-restore --real               # on staging, unless --env says otherwise\n' +
      '  npm run drill -- --env staging --compare reports/drill-durations.json\n' +
      '\nWithout --env it uses prod in the sandbox, and staging with --real.\n' +
      'Exit codes: 0 passed, 1 failed, 2 wrong usage or configuration, 3 not confirmed.',
  )
  .action(async (options: Options) => {
    const { real, json, report: folder } = options;
    const env = options.env ?? (real ? 'staging' : 'prod');
    const platform = loadPlatform(options.platform);
    environmentOf(platform, env);
    const chosen = (Object.keys(RECOVERIES) as Recovery[]).filter((one) =>
      one === 'layer-rebuild' ? options.layerRebuild : options.diskRestore,
    );
    const recoveries = chosen.length > 0 ? chosen : (Object.keys(RECOVERIES) as Recovery[]);
    const steps = drill(platform, env, recoveries, real);
    if (options.dryRun) return console.log(steps.map(({ name }) => `would run: ${name}`).join('\n'));
    if (real && options.compare) throw new UsageError('--compare compares simulated durations; leave out --real');
    const known = steps.map(({ name }) => name);
    const compared = options.compare === undefined ? undefined : readRealRun(options.compare, known);
    assertWritable(folder);
    if (real) await assertConfirmed(env, options.confirm);
    const run = (rehearsal: Rehearsal) => {
      const progress = json ? 'silent' : process.stdout.isTTY ? 'live' : 'lines';
      return runSteps(rehearsal, steps, { progress, signal: rehearsal.signal }).then((report) => ({
        report,
        rehearsal,
      }));
    };
    const { report, rehearsal } = await (real ? onRealClouds : inSandbox)({ platform, env, options, run });
    write(folder, 'drill.log', rehearsal.log);
    print(compared ? compareWith(report, compared) : report, options);
  });

interface Drill {
  readonly platform: LoadedPlatform;
  readonly env: string;
  readonly options: Options;
  run(rehearsal: Rehearsal): Promise<{ report: RehearsalReport; rehearsal: Rehearsal }>;
}

const ENDING = 'the current step ends first';

async function inSandbox({ platform, env, options, run }: Drill) {
  const directory = options.directory ?? `${groundFolder(platform.name, env)}-drill`;
  const ground = await openGround(platform, env, { directory });
  try {
    return await run(new Rehearsal(platform, env, ground, interruption(ENDING)));
  } finally {
    await ground.close();
  }
}

async function onRealClouds({ platform, env, run }: Drill) {
  const ground = realGround(platform, env, await signedInClients(), join('.drill', `${platform.name}-${env}`));
  const rehearsal = new RealDrill(platform, env, ground, interruption(ENDING), synthesise, false);
  rehearsal.synthesise();
  return tunnelled(platform, env, () => run(rehearsal));
}

async function assertConfirmed(env: string, given?: string): Promise<void> {
  if (given === undefined)
    return confirmed(`the VM of ${env} is deleted and restored; its data goes back. Type its name.`, env);
  if (given !== env) throw new UsageError(`--confirm: got "${given}"; give the name of the environment, ${env}`);
}

function print(report: RehearsalReport, { json, real, report: folder }: Options): void {
  write(folder, 'drill.json', `${JSON.stringify(report, null, 2)}\n`);
  if (real && report.ok) write(folder, 'drill-durations.json', `${JSON.stringify(durationsOf(report), null, 2)}\n`);
  if (json) console.log(JSON.stringify(report, null, 2));
  else console.log(`\n${renderReport(report)}\n\n${drillText(report)}\n\n${join(folder, 'drill.json')}`);
  if (report.ok) return;
  process.exitCode = EXIT_CODES.failed;
  const { step = '', message = '' } = report.failure ?? {};
  console.error(`\nfailed at "${step}": ${message}`);
  if (real) console.error('bring the environment back with: npm run restore, or npm run apply');
}

function write(folder: string, file: string, text: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, file), text);
}

export default start(command, module);
