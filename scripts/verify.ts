import { Command } from 'commander';
import { withTools } from '../delivery/ship/tools';
import { verify } from '../delivery/ship/verify';
import { EXIT_CODES } from '../errors';
import { loadPlatform } from '../platforms/load';
import { endHelp } from './support/help';
import { interruption } from './support/interruption';
import { platformOptions } from './support/options';
import { start } from './support/start';

const command = endHelp(platformOptions(new Command('npm run verify --')), {
  examples: ['npm run verify -- --env prod'],
  exits: '0 no differences, 1 failed, 2 wrong usage or configuration, 4 differences found',
})
  .description(
    "Compares the images and pods of every Deployment and StatefulSet with the environment's branch. " +
      'Changes nothing.',
  )
  .action(async ({ platform, env, json }: { platform: string; env: string; json?: true }) => {
    const tools = { report: () => undefined, signal: interruption() };
    const verified = await withTools(loadPlatform(platform), env, tools, verify);
    const lines = verified.flatMap(({ workload, namespace, images, differences }) =>
      differences.length > 0
        ? differences.map((difference) => `differs  ${namespace}  ${difference}`)
        : [`ok       ${namespace}  ${workload}  ${[...new Set(images)].join(', ')}`],
    );
    console.log(json ? JSON.stringify(verified, null, 2) : lines.join('\n'));
    if (verified.some(({ differences }) => differences.length > 0)) process.exitCode = EXIT_CODES.different;
  });

export default start(command, module);
