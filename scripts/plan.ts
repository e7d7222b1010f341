import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { DEPLOYED_LAYERS, type LayerId } from '../contracts/layers';
import { EXIT_CODES } from '../errors';
import { planComment } from '../terraform/planning/comment';
import { makePlan } from '../terraform/planning/make-plan';
import type { EnvironmentPlan } from '../terraform/planning/result';
import { StoredPlans } from '../terraform/planning/stored-plan';
import { planText } from '../terraform/planning/text';
import { interruption } from './support/interruption';
import { platformOptions } from './support/options';
import { openPlanning } from './support/planning';
import { start } from './support/start';

interface Options {
  readonly platform: string;
  readonly env: string;
  readonly layer?: LayerId;
  readonly base?: string;
  readonly out?: string;
  readonly store?: true;
  readonly markdown?: true;
  readonly json?: true;
}

const command = platformOptions(new Command('npm run plan --'), 'prod')
  .description(
    'Plans the layers of an environment and shows what changes. A layer that reads an output which an earlier layer has ' +
      'yet to create or change cannot be planned: it is listed with the resources that it describes.',
  )
  .addOption(new Option('--layer <layer>', 'this layer only (default: all)').choices(DEPLOYED_LAYERS))
  .option('--base <commit>', 'the guards also compare the rendered overlays with those of this commit')
  .option('--out <folder>', 'writes plan.json, plan.md and the whole plan.txt there; they hold no secret values')
  .option('--store', 'stores the plan files next to the states, for npm run apply -- --plan')
  .option('--markdown', 'prints the comment for a pull request')
  .addHelpText(
    'after',
    '\nExamples:\n' +
      '  npm run plan -- --env staging\n' +
      '  npm run plan -- --env prod --store --markdown\n' +
      '  npm run sandbox -- npm run plan -- --env prod\n' +
      '\nExit codes: 0 planned, with or without changes; 1 a plan failed; 2 wrong usage or configuration; 3 refused by a guard ' +
      'or a contract; 5 the cluster is asleep, and the layers in it were not planned.',
  )
  .action(async ({ layer, out, store, markdown, json, ...options }: Options) => {
    const planning = await openPlanning(options, { signal: interruption() });
    const made = await makePlan(planning, { only: layer });
    const stacks = new Map(planning.layers.map(({ layer: id, stack }) => [id, stack]));
    const result: EnvironmentPlan = store
      ? { ...made, reference: await new StoredPlans(planning.store).save(made, stacks, new Date()) }
      : made;
    if (out !== undefined) {
      mkdirSync(out, { recursive: true });
      writeFileSync(join(out, 'plan.json'), `${JSON.stringify(result, null, 2)}\n`);
      writeFileSync(join(out, 'plan.md'), `${planComment(result)}\n`);
      writeFileSync(join(out, 'plan.txt'), `${planText(result)}\n`);
    }
    console.log(json ? JSON.stringify(result, null, 2) : markdown ? planComment(result) : planText(result));
    process.exitCode = exitCodeOf(result);
  });

function exitCodeOf({ layers, guards, contracts }: EnvironmentPlan): number {
  const outcomes = layers.map(({ outcome }) => outcome);
  if (outcomes.includes('failed')) return EXIT_CODES.failed;
  if (guards.length > 0 || contracts.length > 0) return EXIT_CODES.refused;
  return outcomes.includes('asleep') ? EXIT_CODES.asleep : EXIT_CODES.done;
}

export default start(command, module);
