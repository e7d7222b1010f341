import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { googleProvider } from '../../sandbox/google/provider';
import { Ground } from '../../sandbox/test/protocol/ground';
import { EXCEPTIONS } from './exceptions';
import { realPlans, say } from './folders';

/** A resource as `terraform show -json` has it in a plan. */
interface Change {
  readonly actions: readonly string[];
  readonly after: Readonly<Record<string, unknown>>;
  readonly after_unknown: Readonly<Record<string, unknown>>;
}

/** What the real provider plans for a stack of ours as it was at a commit. */
interface RealPlan {
  readonly commit: string;
  readonly provider: string;
  readonly stack: string;
  readonly resources: Readonly<Record<string, Change>>;
}

const UNKNOWN = '(known after apply)';
const { folder, lacks } = realPlans();
const used = new Set<string>();
let agree = 0;
let all = 0;

if (lacks) {
  say('SKIPPED: nothing was compared with plans of the real provider', lacks);
  test.skip('the simulated google provider plans what the real one plans', () => {});
} else {
  test.each(['vpc-prod', 'vpc-staging'])('%s is planned as the real provider plans it', async (stack) => {
    const real = JSON.parse(readFileSync(join(folder, `${stack}.json`), 'utf8')) as RealPlan;
    const simulated = await plan(configurationOf(real));
    const wrong = Object.entries(real.resources).flatMap(([address, change]) =>
      differences(address, change, simulated[address]),
    );
    expect(wrong).toEqual([]);
  });

  afterAll(() => say('plans agree', `${agree} of ${all} values (${((100 * agree) / all).toFixed(1)} %)`));

  test('every exception is needed', () => {
    expect(EXCEPTIONS.filter(({ kind, argument }) => kind === 'plan' && !used.has(argument))).toEqual([]);
  });
}

/** The synthesised JSON that the real provider planned, from the golden file of its commit. */
function configurationOf({ commit, stack }: RealPlan): string {
  const golden = execFileSync('git', ['show', `${commit}:test/golden/threads/${stack}.json`], { encoding: 'utf8' });
  // Golden files have long texts line by line.
  const whole = (key: string, value: unknown) =>
    key === 'startup-script' && Array.isArray(value) ? value.join('\n') : value;
  const { terraform, ...rest } = JSON.parse(golden, whole) as { terraform: { backend?: unknown } };
  const { backend: _, ...settings } = terraform;
  return JSON.stringify({ ...rest, terraform: settings }, null, 2);
}

async function plan(configuration: string): Promise<Record<string, Change>> {
  const ground = await Ground.open([googleProvider()]);
  try {
    ground.write(configuration, 'main.tf.json');
    await ground.passes('plan', '-out=plan');
    const shown = JSON.parse((await ground.passes('show', '-json', 'plan')).stdout) as {
      resource_changes: { address: string; mode: string; change: Change }[];
    };
    return Object.fromEntries(shown.resource_changes.map(({ address, change }) => [address, change]));
  } finally {
    await ground.close();
  }
}

/** Where two plans of a resource differ, value by value. Null is what is not set, as an attribute that is not there. */
function differences(address: string, real: Change, simulated: Change | undefined): string[] {
  const [theirs, ours] = [leavesOf(real), simulated ? leavesOf(simulated) : new Map<string, unknown>()];
  return [...new Set([...theirs.keys(), ...ours.keys()])].flatMap((path) => {
    const [wanted, got] = [theirs.get(path), ours.get(path)];
    all++;
    if (wanted === got) {
      agree++;
      return [];
    }
    const argument = `${address.split('.')[0]}.${path.replace(/\.\d+(?=\.|$)/g, '')}`;
    const known = EXCEPTIONS.find((one) => one.kind === 'plan' && one.argument === argument);
    if (known) used.add(known.argument);
    return known ? [] : [`${address} ${path}: ${JSON.stringify(got)}, not ${JSON.stringify(wanted)}`];
  });
}

/** Every value in a plan by its path. What is not set, and an empty list, has none. */
function leavesOf({ after, after_unknown: unknown }: Change): Map<string, unknown> {
  const leaves = new Map<string, unknown>();
  const walk = (path: string, value: unknown, isUnknown: unknown) => {
    if (isUnknown === true) leaves.set(path, UNKNOWN);
    else if (typeof value === 'object' || typeof isUnknown === 'object') {
      const [values, unknowns] = [value ?? {}, isUnknown ?? {}] as Record<string, unknown>[];
      for (const key of new Set([...Object.keys(values ?? {}), ...Object.keys(unknowns ?? {})])) {
        walk(path ? `${path}.${key}` : key, values?.[key], unknowns?.[key]);
      }
    } else if (value !== undefined) leaves.set(path, value);
  };
  walk('', after, unknown);
  return leaves;
}
