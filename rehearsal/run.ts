import { Listr } from 'listr2';
import type { Rehearsal, Step } from './rehearsal';
import { counts, type RehearsalReport, span } from './report';

/** Lines of terraform that show its progress. All other lines are only in the log. */
const PROGRESS = /: (Creat|Destr|Modif|Refresh|Read|Import|Still)/;

/** How progress is shown: not, line by line, or updated in place on a terminal. */
export type Progress = 'silent' | 'lines' | 'live';

/**
 * Runs the steps of a rehearsal in order and stops at the first one that fails.
 *
 * @returns the report. It is `ok` only if every step has passed; otherwise `failure` has the step, and `interrupted` is true if
 * a signal ended it. It does not throw errors of steps.
 */
export async function runSteps(
  rehearsal: Rehearsal,
  steps: readonly Step[],
  { progress, signal }: { readonly progress: Progress; readonly signal?: AbortSignal },
): Promise<RehearsalReport> {
  const { report } = rehearsal;
  const tasks = steps.map((step) => ({
    title: step.name,
    task: async (_: unknown, task: { title: string; output: string }) => {
      if (progress === 'live') {
        rehearsal.onLine = (line) => {
          if (PROGRESS.test(line)) task.output = line.slice(0, (process.stdout.columns ?? 80) - 4);
        };
      }
      const { wallSeconds, simulatedSeconds, ...record } = await rehearsal.run(step);
      const figures = [counts(record), `${wallSeconds.toFixed(1)} s`, `simulated ${span(simulatedSeconds)}`];
      task.title = [step.name, ...figures].filter(Boolean).join('  ');
    },
  }));
  // Listr's own signal listeners would end the process at once: without a report, and with terraform still running.
  const options = { registerSignalListeners: false, fallbackRenderer: 'simple' } as const;
  try {
    await new Listr(tasks, { renderer: progress === 'silent' ? 'silent' : 'default', ...options }).run();
    report.ok = true;
  } catch (error) {
    const next = steps[report.steps.length]?.name ?? '';
    report.failure ??= { step: next, message: error instanceof Error ? error.message : String(error) };
  }
  if (signal?.aborted) report.interrupted = true;
  return report;
}
