import { Command } from 'commander';
import { accept } from '../delivery/accept/accept';
import type { Check } from '../delivery/accept/check';
import { withTools } from '../delivery/ship/tools';
import { EXIT_CODES } from '../errors';
import { loadPlatform } from '../platforms/load';
import { columns } from '../terminal/columns';
import { endHelp } from './support/help';
import { interruption } from './support/interruption';
import { platformOptions } from './support/options';
import { start } from './support/start';

interface Options {
  readonly platform: string;
  readonly env: string;
  readonly failover?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

const command = endHelp(platformOptions(new Command('npm run accept --')), {
  examples: ['npm run accept -- --env prod', 'npm run accept -- --platform real-estate --env test --failover'],
  exits:
    '0 nothing has failed, 1 the checklist could not be walked, 2 wrong usage or configuration, 4 a point has failed',
})
  .description(
    'Walks the checklist of an environment before it is handed over. Each point passes, fails, or is left to a person, with what ' +
      'to look at. Changes nothing, unless --failover is given.',
  )
  .option('--failover', 'delete one pod of each workload, and wait until it is back')
  .option('--dry-run', 'with --failover: delete nothing')
  .action(async ({ platform, env, failover, dryRun, json }: Options) => {
    const tools = { report: () => undefined, signal: interruption() };
    const onCheck = json ? undefined : (check: Check) => console.log(line(check));
    const options = { failover: failover === true && !dryRun, ...(onCheck && { onCheck }) };
    const checks = await withTools(loadPlatform(platform), env, tools, (opened) => accept(opened, options));
    if (json) console.log(JSON.stringify(checks, null, 2));
    else console.log(`\n${summary(checks)}`);
    if (checks.some(({ result }) => result === 'fail')) process.exitCode = EXIT_CODES.different;
  });

function line({ name, result, detail }: Check): string {
  return columns([[(result === 'fail' ? 'FAIL' : result).padEnd(6), `${name}: ${detail}`]]).join('\n');
}

function summary(checks: readonly Check[]): string {
  const count = (wanted: Check['result']) => checks.filter(({ result }) => result === wanted).length;
  return `${count('pass')} passed, ${count('fail')} failed, ${count('person')} for a person`;
}

export default start(command, module);
