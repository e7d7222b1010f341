import { Command } from 'commander';
import { signedInClients } from '../clients/google';
import { EXIT_CODES } from '../errors';
import { loadPlatform } from '../platforms/load';
import { environmentOf } from '../platforms/schema/define-platform';
import { stateOf } from '../platforms/schema/environment';
import { synthesise } from '../stacks/app';
import { readStatus } from '../status/read-status';
import { isAsleep, renderStatus } from '../status/status';
import { endHelp } from './support/help';
import { platformOptions } from './support/options';
import { start } from './support/start';

const command = endHelp(platformOptions(new Command('npm run status --'), 'optional'), {
  examples: ['npm run status -- --env prod', 'npm run status -- --platform techtorque'],
  exits: '0 done, 1 no credentials, 2 wrong usage or configuration, 5 asleep (only with --env)',
})
  .description(
    'Shows each environment on one screen: layers, VM, Argo CD, images, differences from Git, ' +
      'Applications, runners, lock, gate, secrets, last snapshot and last rehearsal. ' +
      'Without --env, it shows all environments. A part that cannot be read shows the reason.',
  )
  .action(async (options: { platform: string; env?: string; json?: true }) => {
    const platform = loadPlatform(options.platform);
    const { env } = options;
    if (env !== undefined) environmentOf(platform, env);
    const wanted = env === undefined ? Object.keys(platform.environments) : [env];
    // Without credentials, nearly every line would have the same problem.
    if (wanted.some((env) => stateOf(platform, env).kind === 'gcs')) await signedInClients();
    const outdir = synthesise(platform);
    const all = await Promise.all(wanted.map((env) => readStatus(platform, env, outdir)));
    const now = new Date();
    console.log(
      options.json ? JSON.stringify(all, null, 2) : all.map((status) => renderStatus(status, now)).join('\n\n'),
    );
    if (env !== undefined && all.some(isAsleep)) process.exitCode = EXIT_CODES.asleep;
  });

export default start(command, module);
