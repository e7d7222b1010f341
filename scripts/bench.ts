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

/** The figures, by the argument that selects them. */
const FIGURES = { synthesis, scale, terraform } as const;

interface Options {
  readonly only?: keyof typeof FIGURES;
  readonly rounds: number;
  readonly json?: true;
}

const command = new Command('npm run bench --')
  .description(
    'Measures the performance goals of bench/README.md, as ratios of the medians of alternating runs. ' +
      'Takes some minutes; needs terraform on PATH, but no network.',
  )
  .addOption(new Option('--only <figure>', 'measure only this figure').choices(Object.keys(FIGURES)))
  .option('--rounds <count>', 'number of timed runs of each', positive, 9)
  .option('--json', 'print JSON only')
  .addHelpText(
    'after',
    '\nExit codes: 0 all goals are met, 1 a goal is missed or could not be measured, 2 wrong usage.',
  )
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
  throw new InvalidArgumentError('give a whole number from 1.');
}

export default start(command, module);
