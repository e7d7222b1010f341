import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { check, PlatformError } from '../platforms/schema/problems';
import type { RehearsalReport } from './report';

const realRunSchema = z.strictObject({
  /** Seconds that each step took on real clouds, by its name in a rehearsal. */
  steps: z.record(z.string(), z.number().positive()),
});

/** How long steps took on real clouds. */
export type RealRun = z.output<typeof realRunSchema>;

/**
 * Reads the measured durations of a real run: `{"steps": {"deploy 00-vpc": 251, "deploy 01-k8s": 44}}`, in seconds.
 *
 * @param known - names of the steps of the rehearsal that it is compared with.
 * @throws {PlatformError} if it cannot be read, is not valid, or has no step of that rehearsal.
 */
export function readRealRun(file: string, known: readonly string[]): RealRun {
  const run = check(realRunSchema, parse(file), file);
  if (Object.keys(run.steps).some((name) => known.includes(name))) return run;
  throw new PlatformError(file, [
    `steps: got ${JSON.stringify(Object.keys(run.steps))}; name at least one step of the rehearsal: ${known.join(', ')}`,
  ]);
}

/** The report with the real duration of each step next to its estimate, and the names without a step. */
export function compareWith(report: RehearsalReport, { steps }: RealRun): RehearsalReport {
  const names = report.steps.map(({ name }) => name);
  return {
    ...report,
    steps: report.steps.map((step) => ({ ...step, realSeconds: steps[step.name] })),
    notCompared: Object.keys(steps).filter((name) => !names.includes(name)),
  };
}

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const what = error instanceof SyntaxError ? 'must be JSON' : 'could not be read';
    throw new PlatformError(file, [`${what}; ${(error as Error).message}`]);
  }
}
