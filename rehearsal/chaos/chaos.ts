import { join } from 'node:path';
import type { LoadedPlatform } from '../../platforms/load';
import { type Outcome, runIncident, runScenario } from './converge';
import { boundaryOf, INCIDENTS } from './incidents';
import { type Selection, scenariosOf } from './scenarios';
import { boundariesOf } from './world';

/** How faults are rehearsed. */
export interface ChaosOptions extends Selection {
  /** Folder for the simulated clouds. */
  readonly directory: string;
  /** Only scenarios whose name contains this. @default - all that are selected */
  readonly only?: string | undefined;
  /** Scenarios that run at the same time. @default 1 */
  readonly jobs?: number;
  readonly signal?: AbortSignal;
  onProgress(line: string): void;
  onOutcome(outcome: Outcome): void;
}

/** A scenario that has yet to run. */
interface Waiting {
  readonly name: string;
  run(folder: string): Promise<Outcome>;
}

/** Injects faults into the deployment and deletion of an environment's layers, one fault in each scenario. */
export async function rehearseFaults(platform: LoadedPlatform, env: string, options: ChaosOptions): Promise<Outcome[]> {
  const { directory, only = '', jobs = 1, signal, onProgress, onOutcome } = options;
  const boundaries = await boundariesOf(platform, env, directory, onProgress);
  const incidents = INCIDENTS.flatMap((incident): Waiting[] => {
    const boundary = boundaryOf(incident, boundaries);
    const name = `apply ${incident.layer}: ${incident.name}`;
    return boundary ? [{ name, run: (folder) => runIncident(platform, env, incident, boundary, folder) }] : [];
  });
  const faults = scenariosOf(boundaries, options).map((one): Waiting => {
    return { name: one.name, run: (folder) => runScenario(platform, env, one, folder) };
  });
  const waiting = [...incidents, ...faults].filter(({ name }) => name.includes(only));
  onProgress(`${waiting.length} scenarios`);
  const outcomes: Outcome[] = [];
  const worker = async (_: unknown, number: number) => {
    // Paths of the sandbox's sockets are limited to 107 bytes.
    const folder = join(directory, `run-${number}`);
    for (let next = waiting.shift(); next && !signal?.aborted; next = waiting.shift()) {
      const outcome = await next.run(folder);
      outcomes.push(outcome);
      onOutcome(outcome);
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return outcomes;
}
