import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { documentedCommands, jsonOutput, missingTools, wrongCalls } from '../bench/hostile/calls';
import { Checkout } from '../bench/hostile/checkout';
import { clocks, corruptedSandboxes, signalsAndEnds } from '../bench/hostile/ends';
import { platformFiles, restoreFiles, secretValues, treeEdits } from '../bench/hostile/files';
import { type Outcome, outcomeOf, type Row } from '../bench/hostile/trial';
import { EXIT_CODES } from '../errors';
import { configuredPlatform } from '../platforms/load';
import { columns } from '../terminal/columns';
import { strict } from './support/options';
import { start } from './support/start';

/** What a row needs: a copy of the checkout, and a folder for its own files. */
interface Place {
  readonly folder: string;
  readonly checkout: () => Checkout;
}

const SCRIPTS = (JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }).scripts;
const COMMANDS = Object.values(SCRIPTS).flatMap((line) => /scripts\/((?!bench)[\w-]+)\.ts$/.exec(line)?.[1] ?? []);

/** The rows, by the word that asks for them. */
const ROWS: Readonly<Record<string, (place: Place) => Row>> = {
  documents: ({ checkout }) => documentedCommands(checkout, SCRIPTS),
  platform: ({ checkout }) =>
    platformFiles(checkout, readFileSync(`platforms/${configuredPlatform()}/platform.ts`, 'utf8')),
  restore: ({ folder }) => restoreFiles(folder),
  trees: ({ checkout }) => treeEdits(checkout),
  secrets: () => secretValues(),
  calls: ({ checkout }) => wrongCalls(checkout, COMMANDS),
  tools: ({ checkout, folder }) => missingTools(checkout, folder),
  ends: ({ checkout }) => signalsAndEnds(checkout),
  sandbox: ({ checkout }) => corruptedSandboxes(checkout),
  clocks: ({ checkout }) => clocks(checkout),
  json: ({ checkout }) => jsonOutput(checkout),
};

interface Options {
  readonly only?: string;
  readonly json?: true;
}

const command = strict(new Command('npm run bench:hostile --'))
  .description(
    'Tries to break every command in a copy of this checkout: damaged files, wrong calls, missing tools, signals, full disks. ' +
      'A trial is handled if the command ends with the right exit code and a sentence, without a stack trace, and leaves no ' +
      'process, no lock and no half-written report. Takes about ten minutes.',
  )
  .addOption(new Option('--only <row>', 'try one row').choices(Object.keys(ROWS)))
  .option('--json', 'print JSON and nothing else')
  .addHelpText(
    'after',
    '\nExample:\n  npm run bench:hostile -- --only ends\n\nExit codes: 0 all trials are handled, 1 some are not, 2 wrong usage.',
  )
  .action(async ({ only, json }: Options) => {
    const folder = mkdtempSync(join(tmpdir(), 'strata-hostile-'));
    try {
      const names = only ? [only] : Object.keys(ROWS);
      // Rows share nothing, and the slowest one waits for most of its time.
      const outcomes = await Promise.all(names.map((name) => outcome(name, join(folder))));
      report(outcomes, json);
      if (outcomes.some(({ problems }) => problems.length > 0)) process.exitCode = EXIT_CODES.failed;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

async function outcome(name: string, folder: string): Promise<Outcome> {
  const own = mkdtempSync(join(folder, `${name}-`));
  let copy: Checkout | undefined;
  const checkout = () => {
    copy ??= new Checkout(join(own, 'checkout'));
    return copy;
  };
  const found = await outcomeOf(ROWS[name]?.({ folder: own, checkout }) ?? { name, trials: [] }, 1);
  console.error(`${found.name}: ${found.handled} of ${found.tried}`);
  return found;
}

function report(outcomes: readonly Outcome[], json?: true): void {
  if (json) {
    console.log(JSON.stringify(outcomes, null, 2));
    return;
  }
  const sum = (key: 'tried' | 'handled') => outcomes.reduce((all, one) => all + one[key], 0);
  const rows = outcomes.map(({ name, tried, handled }) => [name, `${tried}`, `${handled}`]);
  for (const { name, problems } of outcomes) for (const problem of problems) console.log(`${name}: ${problem}`);
  console.log(
    columns([['row', 'tried', 'handled'], ...rows, ['all', `${sum('tried')}`, `${sum('handled')}`]]).join('\n'),
  );
}

export default start(command, module);
