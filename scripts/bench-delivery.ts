import { Command, InvalidArgumentError } from 'commander';
import { contend } from '../bench/delivery/contention';
import { Explorer } from '../bench/delivery/explore';
import { EXPLORED, EXPLORED_LONG, RealRepository, randomSchedules, seeded } from '../bench/delivery/schedules';
import { STRATEGIES } from '../bench/delivery/strategies';
import { FailedError } from '../errors';
import { strict } from './support/options';
import { start } from './support/start';

interface Options {
  readonly schedules: number;
  readonly processes: number;
  readonly only?: 'explore' | 'schedules' | 'contention';
}

const command = strict(new Command('npm run bench:delivery --'))
  .description(
    'Checks the lock and the tag writer: every schedule of a few clients in memory, schedules on a real repository, and many ' +
      'processes that write at once, compared with other strategies. Takes minutes; needs git, but no network.',
  )
  .option('--only <part>', 'explore, schedules or contention')
  .option('--schedules <count>', 'number of schedules on a real repository', positive, 300)
  .option('--processes <count>', 'number of processes that write at once', positive, 50)
  .addHelpText('after', '\nExit codes: 0 no write is lost, 1 a write is lost, 2 wrong usage.')
  .action(async ({ schedules, processes, only }: Options) => {
    if (!only || only === 'explore') await explore();
    if (!only || only === 'schedules') await runSchedules(schedules);
    if (!only || only === 'contention') await contention(processes);
  });

async function explore(): Promise<void> {
  for (const [name, exploration] of Object.entries({ ...EXPLORED, ...EXPLORED_LONG })) {
    const start = performance.now();
    const { states, transitions } = await new Explorer(exploration).all();
    console.log(`${name}: ${states} states, ${transitions} transitions, all sound; ${since(start)}`);
  }
}

async function runSchedules(count: number): Promise<void> {
  const all = await randomSchedules(count, seeded(count));
  const start = performance.now();
  const repository = await RealRepository.open(3);
  try {
    for (const schedule of all) {
      const { endings } = await repository.run(schedule);
      if (endings.join() === schedule.endings.join()) continue;
      throw new FailedError(
        `on Git a schedule ends as ${endings.join(', ')}, in memory as ${schedule.endings.join(', ')}: ${JSON.stringify(schedule.choices)}`,
      );
    }
  } finally {
    repository.close();
  }
  console.log(`${count} schedules on a real repository end as in memory; ${since(start)}`);
}

async function contention(processes: number): Promise<void> {
  for (const strategy of Object.keys(STRATEGIES)) {
    const { seconds, written, lost, failed } = await contend(strategy, processes);
    const rate = `${(written / seconds).toFixed(1)} tags/s`;
    console.log(
      `${strategy}: ${written} of ${processes} tags in, ${lost} lost, ${failed} failed; ${seconds.toFixed(1)} s, ${rate}`,
    );
    if (strategy.startsWith('tag set') && written !== processes) process.exitCode = 1;
  }
}

function since(start: number): string {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}

function positive(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError('give a whole number from 1.');
}

export default start(command, module);
