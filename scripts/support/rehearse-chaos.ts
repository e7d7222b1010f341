import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { EXIT_CODES } from '../../errors';
import { loadPlatform } from '../../platforms/load';
import { environmentOf } from '../../platforms/schema/define-platform';
import { rehearseFaults } from '../../rehearsal/chaos/chaos';
import type { Outcome } from '../../rehearsal/chaos/converge';
import { groundFolder } from '../../rehearsal/ground';

/** Which faults are rehearsed. */
interface ChaosRehearsal {
  readonly platform: string;
  readonly env: string;
  readonly all?: true | undefined;
  readonly seed: number;
  readonly only?: string | undefined;
  /** Folder for chaos.json. */
  readonly folder: string;
  readonly directory?: string | undefined;
  readonly json?: true | undefined;
}

/** Rehearses faults, writes and prints the report. @returns the exit code */
export async function rehearseChaos(given: ChaosRehearsal, signal: AbortSignal): Promise<number> {
  const { platform: name, env, all, seed, only, folder, json } = given;
  const platform = { ...loadPlatform(name), restores: {} };
  environmentOf(platform, env);
  const started = performance.now();
  const outcomes = await rehearseFaults(platform, env, {
    directory: `${given.directory ?? groundFolder(name, env)}-chaos`,
    all: all ?? false,
    seed,
    only,
    jobs: availableParallelism(),
    signal,
    onProgress: (line) => json || console.log(line),
    onOutcome: (outcome) => json || console.log(line(outcome)),
  });
  const seconds = Math.round((performance.now() - started) / 1000);
  const converged = outcomes.filter(({ ok }) => ok).length;
  const result = {
    platform: name,
    env,
    seed,
    all: all ?? false,
    converged,
    scenarios: outcomes.length,
    seconds,
    outcomes,
  };
  writeFileSync(join(folder, 'chaos.json'), `${JSON.stringify(result, null, 2)}\n`);
  if (json) console.log(JSON.stringify(result, null, 2));
  else console.log(`\n${converged} of ${outcomes.length} converge, in ${seconds} s\n${join(folder, 'chaos.json')}`);
  return converged === outcomes.length && outcomes.length > 0 ? EXIT_CODES.done : EXIT_CODES.failed;
}

function line({ ok, seconds, name, imported, problem }: Outcome): string {
  const healed = imported > 0 ? `, ${imported} imported` : '';
  return `${ok ? 'ok    ' : 'FAILED'} ${seconds.toFixed(1).padStart(6)} s  ${name}${healed}${problem ? `\n${problem}` : ''}`;
}
