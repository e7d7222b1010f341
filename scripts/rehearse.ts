import { relative } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { EXIT_CODES } from '../errors';
import { assertValid } from '../manifests/validate';
import { loadPlatform } from '../platforms/load';
import { environmentOf } from '../platforms/schema/define-platform';
import { openGround } from '../rehearsal/ground';
import { life } from '../rehearsal/life';
import { originOf } from '../rehearsal/origin';
import { compareWith, readRealRun } from '../rehearsal/real-run';
import { Rehearsal } from '../rehearsal/rehearsal';
import { nextSteps, type RehearsalReport, renderReport, span } from '../rehearsal/report';
import { assertWritable, writeReport } from '../rehearsal/report-files';
import { type Progress, runSteps } from '../rehearsal/run';
import { networkSentence } from '../sandbox';
import { fitted } from '../terminal/columns';
import { platformOptions } from './support/options';
import { rehearseChaos } from './support/rehearse-chaos';
import { rehearseFrom } from './support/rehearse-from';
import { start } from './support/start';

/** Exit code after Ctrl-C, as in shells. */
const INTERRUPTED = 130;

const command = platformOptions(new Command('npm run rehearse --'), 'prod')
  .description(
    'Rehearses the whole life of a platform on simulated clouds, with the real terraform, git and ' +
      'kustomize: deploys it, rebuilds it layer by layer, loses its VM and restores it from a ' +
      'snapshot. Needs no account and no network. Writes only to this folder.',
  )
  .option('--from <commit>', 'rehearses a change: builds what this commit describes, and applies this checkout to it')
  .option('--chaos', 'rehearses faults: each stops an apply or a deletion at one call, and is repaired')
  .option('--all', 'with --chaos: every call with every fault (default: one call of each resource type)')
  .option('--seed <number>', 'with --chaos: chooses calls and faults', wholeNumber, 1)
  .option('--only <text>', 'with --chaos: only scenarios whose name contains this')
  .option('--report <folder>', 'folder for rehearsal.html, rehearsal.json and rehearsal.log', 'reports')
  .option('--compare <file>', 'durations of a real run to compare the estimates with; see README')
  .option('--directory <folder>', 'folder for the simulated clouds (default: below .sandbox, one per environment)')
  .addHelpText(
    'after',
    '\nExamples:\n' +
      '  npm run rehearse -- --platform threads --env staging\n' +
      '  npm run rehearse -- --from origin/main --env prod\n' +
      '  npm run rehearse -- --chaos --only google_compute_\n' +
      '\nExit codes: 0 passed; 1 failed, or the change breaks something; 2 wrong usage or configuration; 3 a guard or a\n' +
      'contract refuses the change; 130 interrupted (the last report is kept).',
  )
  .action(rehearse);

interface Options {
  readonly platform: string;
  readonly env: string;
  readonly report: string;
  readonly directory?: string;
  readonly compare?: string;
  readonly from?: string;
  readonly chaos?: true;
  readonly all?: true;
  readonly seed: number;
  readonly only?: string;
  readonly json?: true;
}

async function rehearse(options: Options): Promise<void> {
  const { platform, env, report: folder, compare, from, json, directory: place } = options;
  if (options.chaos) {
    assertWritable(folder);
    process.exitCode = await rehearseChaos({ ...options, folder }, interruption());
    return;
  }
  if (from !== undefined) {
    assertWritable(folder);
    process.exitCode = await rehearseFrom({ platform, env, from, folder, json, directory: place }, interruption());
    return;
  }
  const loaded = loadPlatform(platform);
  environmentOf(loaded, env);
  assertWritable(folder);
  assertValid({ platform, env });
  const signal = interruption();
  const startedAt = new Date();
  const ground = await openGround(loaded, env, { directory: place });
  const rehearsal = new Rehearsal(loaded, env, ground, signal);
  const started = performance.now();
  const result = await (async () => {
    try {
      const steps = life(loaded, env);
      const names = steps.map(({ name }) => name);
      const real = compare === undefined ? undefined : readRealRun(compare, names);
      if (!json) console.log(`Rehearsal on simulated clouds: ${platform} ${env}\n${fitted(networkSentence())}\n`);
      rehearsal.report.origin = await originOf(startedAt, ground.env);
      rehearsal.report.directory = relative('.', ground.directory);
      const report = await runSteps(rehearsal, steps, { progress: progressOf(json), signal });
      return real ? compareWith(report, real) : report;
    } finally {
      await ground.close();
    }
  })();
  if (result.interrupted) {
    process.exitCode = INTERRUPTED;
    console.error(fitted(`interrupted at "${result.failure?.step ?? ''}"; the last report in ${folder} is unchanged`));
    return printNext(result);
  }
  const files = writeReport(folder, result, rehearsal.log);
  const took = span((performance.now() - started) / 1000);
  if (json) console.log(JSON.stringify(result, null, 2));
  else
    console.log(`\n${renderReport(result)}\n\n${fitted(`${files.page}, ${files.json} and ${files.log} in ${took}`)}`);
  if (result.ok) return;
  process.exitCode = EXIT_CODES.failed;
  const { step = '', message = '' } = result.failure ?? {};
  console.error(`\nfailed at "${step}": ${message}\n\nEverything that the commands printed is in ${files.log}.`);
  printNext(result);
}

function printNext(result: RehearsalReport): void {
  for (const { text, command } of nextSteps(result)) console.error(`${fitted(text)}\n  ${command}`);
}

/** Aborts at Ctrl-C and SIGTERM, only once: npm forwards a Ctrl-C that the process has already received from the terminal. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => controller.abort(new Error(`interrupted by ${name}`)));
  }
  return controller.signal;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError(`expected a whole number, got "${text}"`);
  return Number(text);
}

function progressOf(json: true | undefined): Progress {
  if (json) return 'silent';
  return process.stdout.isTTY ? 'live' : 'lines';
}

export default start(command, module);
