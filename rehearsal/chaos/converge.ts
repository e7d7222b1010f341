import { messageOf } from '../../errors';
import type { LoadedPlatform } from '../../platforms/load';
import { heal } from '../../terraform/doctor/examine';
import type { Stack } from '../../terraform/stack';
import type { SimulatedGround } from '../ground';
import { differences, type Fingerprint, fingerprintOf } from './fingerprint';
import type { Incident } from './incidents';
import type { Scenario } from './scenarios';
import { type Boundary, openCopy } from './world';

/** How a scenario ended. */
export interface Outcome {
  readonly name: string;
  readonly ok: boolean;
  readonly seconds: number;
  /** Resources that were imported. */
  readonly imported: number;
  /** Why it did not converge. */
  readonly problem?: string;
}

/** Runs one scenario on a copy of its clouds: the fault, the repair, the same command again, the comparison. */
export async function runScenario(
  platform: LoadedPlatform,
  env: string,
  { name, boundary, rule }: Scenario,
  folder: string,
): Promise<Outcome> {
  return timed(name, async (count) => {
    const { ground, stack, close } = await openCopy(platform, env, boundary, folder);
    try {
      const { faults } = ground.sandbox;
      let met = false;
      faults.onMeet = () => {
        met = true;
      };
      faults.set([rule]);
      const failure = await failureOf(() => stack.apply());
      faults.set([]);
      if (!met) return 'the plan never made this call';
      if (failure === undefined) return 'the command reported success in spite of the fault';
      count(await converge(ground, stack, boundary.verb === 'delete'));
      return problemIn(boundary.expected, ground);
    } finally {
      await close();
    }
  });
}

/** Runs one incident on a copy of its clouds: the failure, its end, the same command again, the comparison. */
export async function runIncident(
  platform: LoadedPlatform,
  env: string,
  { name, begin, end }: Incident,
  boundary: Boundary,
  folder: string,
): Promise<Outcome> {
  return timed(`apply ${boundary.layer}: ${name}`, async (count) => {
    const { ground, stack, close } = await openCopy(platform, env, boundary, folder);
    try {
      begin(ground);
      const failure = await failureOf(() => stack.apply());
      if (failure === undefined) return 'the command reported success in spite of the incident';
      await end(ground);
      count(await converge(ground, stack, false));
      return problemIn(boundary.expected, ground);
    } finally {
      await close();
    }
  });
}

/** Repairs the state, and plans and applies again. @returns how many resources were imported */
async function converge(ground: SimulatedGround, stack: Stack, destroy: boolean): Promise<number> {
  await ground.settled();
  let imported = 0;
  if (!destroy) {
    await heal(stack, {
      env: ground.env,
      say: () => {},
      confirm: (_, orphans) => {
        imported = orphans.length;
        return Promise.resolve();
      },
    });
  } else {
    const holder = await stack.lock?.holder();
    if (holder?.dead) await stack.lock?.free(holder);
  }
  const plan = await stack.plan({ destroy });
  if (!plan.empty) await stack.apply();
  await ground.settled();
  return imported;
}

/** What differs from the end without a fault; undefined if nothing does. */
function problemIn(expected: Fingerprint, ground: SimulatedGround): string | undefined {
  const found = differences(expected, fingerprintOf(ground.sandbox.world.data));
  return found.length > 0 ? `differs from the run without a fault:\n${found.join('\n')}` : undefined;
}

/** Times a scenario. @param work - returns what is wrong, if anything is */
async function timed(
  name: string,
  work: (count: (imported: number) => void) => Promise<string | undefined>,
): Promise<Outcome> {
  const start = performance.now();
  let imported = 0;
  const problem = await work((number) => {
    imported = number;
  }).catch(messageOf);
  const seconds = Math.round((performance.now() - start) / 100) / 10;
  return { name, ok: problem === undefined, seconds, imported, ...(problem !== undefined && { problem }) };
}

/** The error of a command; undefined if it succeeded. */
async function failureOf(command: () => Promise<unknown>): Promise<Error | undefined> {
  try {
    await command();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
