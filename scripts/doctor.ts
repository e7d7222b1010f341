import { Command } from 'commander';
import { EXIT_CODES } from '../errors';
import { loadPlatform } from '../platforms/load';
import { environmentOf } from '../platforms/schema/define-platform';
import { synthesise } from '../stacks/app';
import { examine } from '../status/doctor/check';
import { FAMILIES } from '../status/doctor/families';
import { realSurroundings } from '../status/doctor/real';
import { doctorText } from '../status/doctor/text';
import { platformOptions } from './support/options';
import { start } from './support/start';

interface Options {
  readonly platform: string;
  readonly env: string;
  readonly json?: true;
}

const command = platformOptions(new Command('npm run doctor --'), 'prod')
  .description(
    'Checks what commands need, and the causes of known troubles: tools, credentials, project, state bucket, GitHub, registry, ' +
      'Argo CD, workloads and delivery. Each check is ok, not ok with what to do, or not checked with the reason. It changes nothing.',
  )
  .addHelpText(
    'after',
    '\nExamples:\n' +
      '  npm run doctor -- --env prod\n' +
      '  npm run tunnel -- prod npm run doctor -- --env prod\n' +
      '  GITHUB_TOKEN=... npm run doctor -- --platform techtorque --env dev --json\n' +
      '\nWith GITHUB_TOKEN it also checks the repositories on GitHub, with SLACK_BOT_TOKEN the bot, with REPO_ACCESS_TOKEN that token.\n' +
      'Exit codes: 0 nothing is wrong, 2 wrong usage or configuration, 4 something is not ok.',
  )
  .action(async ({ platform: name, env, json }: Options) => {
    const platform = loadPlatform(name);
    environmentOf(platform, env);
    const findings = await examine(FAMILIES, realSurroundings(platform, env, synthesise(platform)));
    console.log(
      json
        ? JSON.stringify({ platform: name, env, findings }, null, 2)
        : `Doctor: ${name} ${env}\n\n${doctorText(findings)}`,
    );
    if (findings.some(({ state }) => state === 'not ok')) process.exitCode = EXIT_CODES.different;
  });

export default start(command, module);
