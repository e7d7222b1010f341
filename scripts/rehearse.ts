import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Command } from 'commander';
import { Listr } from 'listr2';
import { life } from '../recovery/life';
import { compareWith, type RealRun, readRealRun } from '../recovery/real-run';
import { counts, renderReport, span } from '../recovery/rehearsal-report';
import { renderPage } from '../recovery/report-page';
import { networkSentence } from '../sandbox/isolation';
import { fail, platformOptions } from './support/options';
import { rehearsalOf } from './support/rehearsal-ground';

/** Lines of terraform's that say what it is at; the rest is for the log. */
const PROGRESS = /: (Creat|Destr|Modif|Refresh|Read|Import|Still)/;

const command = platformOptions(new Command('npm run rehearse --'))
  .description(
    'Rehearses the whole life of a platform on simulated clouds, with the real terraform, git and kustomize:\n' +
      'it comes up, is rebuilt layer by layer, loses its machine and comes back from a snapshot.\n' +
      'Needs no account and no network. Nothing outside this folder is touched.',
  )
  .option('--report <directory>', 'where rehearsal.html, rehearsal.json and rehearsal.log go', 'reports')
  .option('--compare <file>', 'durations of a real run to hold the estimates against; README says how the file is made')
  .option('--directory <directory>', 'where the clouds are kept (default: below .sandbox, one for each environment)')
  .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 wrong usage or configuration.');

async function main(): Promise<void> {
  const options = command
    .parse()
    .opts<{ platform: string; env: string; report: string; directory?: string; compare?: string; json?: true }>();
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // Again and again: npm hands Ctrl-C on to a process that has had it from the terminal already.
    process.on(signal, () => interruption.abort(new Error(`interrupted by ${signal}`)));
  }
  const { rehearsal, directory, close } = await rehearsalOf(options.platform, options.env, {
    signal: interruption.signal,
    directory: options.directory,
  });
  const steps = life(rehearsal.subject);
  let real: RealRun | undefined;
  try {
    real = options.compare
      ? readRealRun(
          options.compare,
          steps.map(({ name }) => name),
        )
      : undefined;
  } catch (error) {
    await close();
    throw error;
  }
  const live = process.stdout.isTTY && !options.json;
  const started = performance.now();
  if (!options.json) {
    console.log(`Rehearsal on simulated clouds: ${options.platform} ${options.env}\n${networkSentence()}\n`);
  }
  try {
    const tasks = steps.map((step) => ({
      title: step.name,
      task: async (_: unknown, task: { title: string; output: string }) => {
        if (live) {
          rehearsal.onLine = (line) => {
            if (PROGRESS.test(line)) task.output = line.slice(0, (process.stdout.columns ?? 80) - 4);
          };
        }
        const record = await rehearsal.run(step);
        task.title = [
          step.name,
          counts(record),
          `${record.wallSeconds.toFixed(1)} s`,
          `simulated ${span(record.simulatedSeconds)}`,
        ]
          .filter(Boolean)
          .join('  ');
      },
    }));
    // Its own listener ends the process at once: no report, and the clouds left as they are.
    const own = { registerSignalListeners: false, fallbackRenderer: 'simple' } as const;
    await new Listr(tasks, { renderer: options.json ? 'silent' : 'default', ...own }).run();
    rehearsal.report.ok = true;
  } catch (error) {
    process.exitCode = 1;
    // One that is interrupted between two steps has failed at none of them.
    const { message } = error as Error;
    rehearsal.report.failure ??= { step: steps[rehearsal.report.steps.length]?.name ?? '', message };
  } finally {
    await close();
  }
  const report = real ? compareWith(rehearsal.report, real) : rehearsal.report;
  mkdirSync(options.report, { recursive: true });
  const json = join(options.report, 'rehearsal.json');
  const log = join(options.report, 'rehearsal.log');
  writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(log, rehearsal.log);
  const page = join(options.report, 'rehearsal.html');
  writeFileSync(page, renderPage(report));
  if (options.json) console.log(JSON.stringify(report, null, 2));
  else
    console.log(
      `\n${renderReport(report)}\n\n${page}, ${json} and ${log} in ${span((performance.now() - started) / 1000)}`,
    );
  const { failure } = report;
  if (failure) {
    console.error(
      `\nfailed at "${failure.step}": ${failure.message}\n\n` +
        `All that the commands printed is in ${log}. The simulated clouds stand as they were when it failed:\n` +
        `  npm run sandbox -- --platform ${options.platform} --env ${options.env} --directory ${relative('.', directory)} bash\n` +
        'After a fix, run the rehearsal again; it starts anew by itself.',
    );
  }
}

main().catch(fail);
