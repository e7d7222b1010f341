import { Listr } from 'listr2';
import { messageOf } from '../errors';
import { forTerminal } from '../escape';
import { terminalWidth } from '../terminal/columns';
import type { Rehearsal, Step } from './rehearsal';
import { type RehearsalReport, StepRows } from './report';

/** Lines of terraform that show its progress. All other lines are only in the log. */
const PROGRESS = /: (Creat|Destr|Modif|Refresh|Read|Import|Still)/;

/** How progress is shown: not at all, a line for each finished step, or in place on a terminal. */
export type Progress = 'silent' | 'lines' | 'live';

/**
 * Runs the steps of a rehearsal in order and stops at the first one that fails. Each finished step is printed once.
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
  const rows = new StepRows(steps.map(({ name }) => name));
  const say = (line: string) => void (progress === 'silent' || console.log(line));
  say(rows.head);
  try {
    for (const step of steps) {
      try {
        await (progress === 'live' ? live(rehearsal, step) : rehearsal.run(step));
      } finally {
        const record = report.steps.at(-1);
        if (record?.name === step.name) say(rows.step(record));
      }
    }
    report.ok = true;
  } catch (error) {
    const next = steps[report.steps.length]?.name ?? '';
    report.failure ??= { step: next, message: messageOf(error) };
  }
  if (signal?.aborted) report.interrupted = true;
  say(rows.total(report.steps));
  return report;
}

/** Shows what a step is doing while it runs, and clears it when the step has ended. */
async function live(rehearsal: Rehearsal, step: Step): Promise<void> {
  const width = terminalWidth();
  const tasks = new Listr(
    [
      {
        title: step.name.slice(0, width - 3),
        task: async (_, task) => {
          rehearsal.onLine = (line) => {
            if (PROGRESS.test(line)) task.output = forTerminal(line).slice(0, width - 5);
          };
          await rehearsal.run(step);
        },
      },
    ],
    // Listr's own signal listeners would end the process at once: without a report, and with terraform still running.
    { registerSignalListeners: false, rendererOptions: { clearOutput: true } },
  );
  await tasks.run();
}
