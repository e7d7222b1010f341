import { hostname, userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { Command, Option } from 'commander';
import { DEPLOYED_LAYERS, type LayerId } from '../contracts/layers';
import { EXIT_CODES } from '../errors';
import { columns } from '../terminal/columns';
import { heal } from '../terraform/doctor/examine';
import { importText } from '../terraform/doctor/text';
import { GUARDS } from '../terraform/guards/all';
import { type Applying, applyLayers, applyStored, recordApply } from '../terraform/planning/apply';
import { makePlan } from '../terraform/planning/make-plan';
import type { EnvironmentPlan } from '../terraform/planning/result';
import { StoredPlans } from '../terraform/planning/stored-plan';
import { planText } from '../terraform/planning/text';
import { applyCommand } from '../terraform/planning/wording';
import { confirmed } from './support/confirmed';
import { interruption } from './support/interruption';
import { platformOptions } from './support/options';
import { openPlanning, type Planning } from './support/planning';
import { start } from './support/start';

interface Options {
  readonly platform: string;
  readonly env: string;
  readonly layer?: LayerId;
  readonly plan?: string;
  readonly base?: string;
  readonly allow?: string[];
  readonly yes?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

const command = platformOptions(new Command('npm run apply --'))
  .description(
    'Applies the layers of an environment, one after another: it plans a layer, shows the plan, asks, applies it, and goes on ' +
      'with the next. With --plan, it applies the plans that were reviewed and plans only the layers that had to wait.',
  )
  .addOption(new Option('--layer <layer>', 'this layer only (default: all)').choices(DEPLOYED_LAYERS))
  .addOption(
    new Option('--plan <reference>', 'apply this stored plan, which npm run plan -- --store printed').conflicts(
      'layer',
    ),
  )
  .option('--base <commit>', 'the guards also compare the rendered overlays with those of this commit')
  .addOption(
    new Option('--allow <guard...>', 'let a guard pass this time; it is recorded').choices(
      GUARDS.map(({ name }) => name),
    ),
  )
  .option('--yes', 'apply without asking')
  .option('--dry-run', 'show the plan, and apply nothing')
  .addHelpText(
    'after',
    `\nGuards:\n${columns(GUARDS.map(({ name, protects }) => [`  ${name}`, protects])).join('\n')}\n` +
      '\nExamples:\n' +
      '  npm run apply -- --env staging\n' +
      '  npm run apply -- --env prod --layer 01-k8s\n' +
      '  npm run apply -- --env prod --plan 20260105-093000-0123456789ab\n' +
      '  npm run tunnel -- prod npm run apply -- --env prod\n' +
      '\nWithout a terminal and without --yes, the plan of the next layer is stored for a review, and its reference is printed.\n' +
      'Exit codes: 0 applied, or nothing to do; 1 failed; 2 wrong usage or configuration; 3 refused by a guard or a contract, ' +
      'or not confirmed; 5 the cluster is asleep.',
  )
  .action(async ({ layer, plan: reference, allow = [], yes, dryRun, json, ...options }: Options) => {
    const planning = await openPlanning(options, { signal: interruption() });
    const plans = new StoredPlans(planning.store);
    const print = (text: string) => console.log(text);
    if (dryRun) {
      const plan = reference
        ? (await plans.load(reference, { platform: options.platform, env: options.env })).result
        : await makePlan(planning, { only: layer });
      return print(json ? JSON.stringify(plan, null, 2) : `${planText(plan)}\n\nnothing was applied: --dry-run`);
    }
    const say = (line: string) => json || print(line);
    const applying: Applying = {
      ...planning,
      allowed: allow,
      show: (plan) => say(`${planText(plan)}\n`),
      repair: (id, stack) =>
        heal(stack, {
          say,
          confirm: async (plan, orphans) => {
            say(`the last run on ${id} was killed
${importText(stack.id, plan, orphans)}`);
            if (!yes) await confirmed(`import into the state of ${stack.id}?`);
          },
        }),
      begin: (id) => say(`applying ${id}`),
      done: (id) => recordApply(planning.store, { at: new Date(), by: caller(), layer: id, allowed: allow, reference }),
      confirm: (plan) => (yes ? Promise.resolve(true) : ask(planning, plans, plan)),
    };
    const ids = planning.layers.map(({ layer: id }) => id);
    const first = reference === undefined ? undefined : await applyStored(applying, plans, reference);
    const left = first ? first.left : layer ? [layer] : ids;
    const rest = await applyLayers(applying, left, first !== undefined || layer === undefined);
    const applied = [...(first?.applied ?? []), ...rest.applied];
    if (json) return print(JSON.stringify({ applied, stoppedAt: rest.stoppedAt ?? null }, null, 2));
    print(applied.length > 0 ? `applied ${applied.join(', ')}` : 'nothing was applied');
  });

/** Asks on the terminal. Without a terminal, stores the plan for a review. */
async function ask({ layers, store }: Planning, plans: StoredPlans, plan: EnvironmentPlan): Promise<boolean> {
  const [layer] = plan.layers;
  if (!process.stdin.isTTY) {
    const stacks = new Map(layers.map((one) => [one.layer, one.stack]));
    const reference = await plans.save(plan, stacks, new Date());
    console.log(
      `the plan of ${layer?.layer} is stored in ${store.place}; once it is reviewed: ${applyCommand({ ...plan, reference }) ?? ''}`,
    );
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`apply ${layer?.layer}? Only "yes" is accepted: `);
    if (answer.trim() === 'yes') return true;
  } finally {
    terminal.close();
  }
  process.exitCode = EXIT_CODES.refused;
  return false;
}

/** Who runs this, for the record. */
function caller(env: NodeJS.ProcessEnv = process.env): string {
  return env['GITHUB_ACTOR'] ?? `${userInfo().username}@${hostname()}`;
}

export default start(command, module);
