import { dirname } from 'node:path';
import { Command, Option } from 'commander';
import { DEPLOYED_LAYERS, type LayerId, scopeOf } from '../contracts/layers';
import { EXIT_CODES, messageOf } from '../errors';
import { type Diagnosis, examine, heal, isHealthy } from '../terraform/doctor/examine';
import { knownIds } from '../terraform/doctor/known-ids';
import { diagnosisText, importText } from '../terraform/doctor/text';
import type { Stack } from '../terraform/stack';
import { stacksOf } from '../terraform/stacks';
import { confirmed } from './support/confirmed';
import { interruption } from './support/interruption';
import { platformOptions, wrongUsage } from './support/options';
import { openPlanning, type Planning } from './support/planning';
import { start } from './support/start';

interface Options {
  readonly platform: string;
  readonly env: string;
  readonly layer?: LayerId;
  readonly heal?: true;
  readonly breakLock?: true;
  readonly yes?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

/** What became of one layer. */
type Examined = ({ readonly layer: LayerId } & Diagnosis) | { readonly layer: LayerId; readonly notExamined: string };

const command = new Command('npm run state --')
  .description('The Terraform states of an environment.')
  .exitOverride(wrongUsage);

platformOptions(command.command('doctor'))
  .description(
    'Finds what a run that was killed leaves behind: its lock, a state that it could not write, and resources that exist in ' +
      'the cloud and in no state. With --heal, it frees the lock if that run is dead, writes the state, and imports the resources.',
  )
  .addOption(new Option('--layer <layer>', 'this layer only (default: all)').choices(DEPLOYED_LAYERS))
  .option('--heal', 'repair what was found; shows the plan of the imports and asks')
  .option('--break-lock', 'with --heal: free a lock whose run cannot be proved dead')
  .option('--yes', 'with --heal: import without asking')
  .option('--dry-run', 'with --heal: show what would be repaired, and change nothing')
  .addHelpText(
    'after',
    '\nExamples:\n' +
      '  npm run state -- doctor --env prod\n' +
      '  npm run state -- doctor --env prod --layer 00-vpc --heal\n' +
      '\nExit codes: 0 nothing to repair, or repaired; 1 failed; 2 wrong usage or configuration; 3 a run holds the lock, or not ' +
      'confirmed; 4 something to repair.',
  )
  .action(async (options: Options) => {
    const { layer, json, dryRun } = options;
    const planning = await openPlanning(options, { signal: interruption() });
    const wanted = planning.layers.filter(({ layer: id }) => layer === undefined || layer === id);
    const examined: Examined[] = [];
    for (const { layer: id, stack } of wanted) {
      const known = await knownIds(othersOf(planning, stack));
      if (planning.asleep !== undefined && scopeOf(id) === 'cluster') {
        examined.push({ layer: id, notExamined: planning.asleep });
        continue;
      }
      if (options.heal && !dryRun) await healOne(stack, known, options);
      try {
        examined.push({ layer: id, ...(await examine(stack, { known })) });
      } catch (error) {
        examined.push({ layer: id, notExamined: messageOf(error) });
      }
    }
    if (json) console.log(JSON.stringify(examined, null, 2));
    else
      for (const one of examined) console.log('notExamined' in one ? notExamined(one) : diagnosisText(one.layer, one));
    process.exitCode ||= exitCodeOf(examined);
  });

async function healOne(stack: Stack, known: ReadonlySet<string>, { breakLock, yes, json }: Options): Promise<void> {
  const say = (line: string) => json || console.log(line);
  await heal(stack, {
    known,
    breakLock: breakLock === true,
    say,
    confirm: async (plan, orphans) => {
      say(importText(stack.id, plan, orphans));
      if (!yes) await confirmed(`import into the state of ${stack.id}?`);
    },
  });
}

/** Every other stack of the platform: what is in its state is no orphan. */
function othersOf({ platform, layers }: Planning, stack: Stack): Stack[] {
  const folder = dirname(dirname(layers[0]?.stack.directory ?? stack.directory));
  const all = Object.keys(platform.environments).flatMap((env) => stacksOf(platform, env, folder));
  return all.filter(({ id }, index) => id !== stack.id && all.findIndex((one) => one.id === id) === index);
}

function notExamined({ layer, notExamined: why }: Extract<Examined, { notExamined: string }>): string {
  return `${layer}  not examined: ${why}`;
}

function exitCodeOf(examined: readonly Examined[]): number {
  if (examined.some((one) => 'notExamined' in one)) return EXIT_CODES.failed;
  const healthy = examined.every((one) => !('notExamined' in one) && isHealthy(one));
  return healthy ? EXIT_CODES.done : EXIT_CODES.different;
}

export default start(command, module);
