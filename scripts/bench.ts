import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type Figure, judge, table } from '../bench/figure';
import { scale } from '../bench/scale';
import { synthesis } from '../bench/synthesis';
import { terraform } from '../bench/terraform';
import { wrongUsage } from './support/options';
import { start } from './support/start';

/** The figures, by the word that asks for them. */
const FIGURES = { synthesis, scale, terraform } as const;

interface Options {
  readonly only?: keyof typeof FIGURES;
  readonly rounds: number;
  readonly json?: true;
}

const command = new Command('npm run bench --')
  .description(
    'Measures what this program promises, as ratios of things timed in turn in one run: whole processes, medians. ' +
      'Takes some minutes; needs terraform on PATH, and no network.',
  )
  .addOption(new Option('--only <figure>', 'measure one of them').choices(Object.keys(FIGURES)))
  .option('--rounds <count>', 'how often each is timed', positive, 9)
  .option('--json', 'print JSON and nothing else')
  .addHelpText('after', '\nExit codes: 0 every goal is met, 1 one is missed or could not be measured, 2 wrong usage.')
  .exitOverride(wrongUsage)
  .action(measure);

async function measure({ only, rounds, json }: Options): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'strata-bench-'));
  try {
    const figures: Figure[] = [];
    for (const name of only ? [only] : (Object.keys(FIGURES) as (keyof typeof FIGURES)[])) {
      const own = join(folder, name);
      mkdirSync(own);
      figures.push(...(await FIGURES[name](own, rounds)));
    }
    const judged = figures.map(judge);
    console.log(json ? JSON.stringify(judged, null, 2) : table(judged));
    if (judged.some(({ met }) => !met)) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function positive(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError('give a whole number above 0.');
}

export default start(command, module);
