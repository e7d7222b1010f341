import { Command } from 'commander';
import { RegistryClient } from '../clients/registry';
import { type PlannedBuild, planBuild, runBuild } from '../delivery/image/build';
import { imageStatus, isPushed } from '../delivery/image/images';
import { ownImageOf, ownImages } from '../delivery/image/own-images';
import { overlaysOf } from '../delivery/overlays';
import { EXIT_CODES } from '../errors';
import { loadPlatform } from '../platforms/load';
import { architectureOf } from '../platforms/schema/cluster';
import { environmentOf } from '../platforms/schema/define-platform';
import { endHelp } from './support/help';
import { platformDefault, platformOptions, strict } from './support/options';
import { start } from './support/start';

interface BuildOptions {
  readonly platform: string;
  readonly source: string;
  readonly scan?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

const command = strict(new Command('npm run images --')).description(
  "Shows which of a platform's own images an environment needs, builds them and pushes them.",
);

endHelp(platformOptions(command.command('status')), {
  examples: ['npm run images -- status --env prod'],
  exits: '0 done, 1 failed, 2 wrong usage or configuration, 4 not all images present',
})
  .description('shows whether the registry has each own image of an environment, for the architecture of its nodes')
  .action(async ({ platform: name, env, json }: { platform: string; env: string; json?: true }) => {
    const platform = loadPlatform(name);
    const { cluster } = environmentOf(platform, env);
    const overlays = await overlaysOf(platform, env, '.');
    const images = await imageStatus(new RegistryClient(), overlays, ownImages(platform), architectureOf(cluster));
    const lines = images.map(({ state, reference, platforms }) =>
      [state.padEnd(14), reference, platforms.join(', ')].join('  ').trimEnd(),
    );
    console.log(json ? JSON.stringify(images, null, 2) : lines.join('\n') || 'the platform has no own images');
    if (images.some(({ state }) => state !== 'present')) process.exitCode = EXIT_CODES.different;
  });

buildCommand('build', 'builds images from the checked-out commit, without pushing them');
buildCommand('push', 'builds images from the checked-out commit and pushes them, unless the registry already has them');

function buildCommand(verb: 'build' | 'push', description: string): void {
  endHelp(strict(command.command(verb)), {
    examples: [`npm run images -- ${verb} nextjs ml-service --source ../threads-nextjs`],
    exits: '0 done, 1 failed, 2 wrong usage or configuration, 3 refused: the build context has uncommitted changes',
  })
    .description(description)
    .argument('<names...>', 'services, or images that no service runs')
    .option(
      '--platform <name>',
      'folder of platforms/; PLATFORM in the environment overrides the default',
      platformDefault(),
    )
    .option('--source <directory>', "checkout of the service's repository", '.')
    .option('--scan', 'scan for vulnerabilities with Trivy; fail on high and critical ones that have a fix')
    .option('--dry-run', 'print the commands without running them')
    .option('--json', 'print JSON only')
    .action(async (names: string[], options: BuildOptions) => {
      const platform = loadPlatform(options.platform);
      const registry = new RegistryClient();
      const results = [];
      for (const name of names) {
        const image = ownImageOf(platform, name);
        const { source: folder, scan } = options;
        const planned = await planBuild(image, { folder, tags: platform.tags, push: verb === 'push', scan });
        const reference = `${image.repository}:${planned.tag}`;
        const isThere = verb === 'push' && (await isPushed(registry, image, planned.tag));
        if (!isThere && !options.dryRun) await build(planned, options.json);
        results.push({
          name,
          reference,
          result: isThere ? 'present' : options.dryRun ? 'would run' : `${verb} done`,
          commands: isThere ? [] : planned.commands.map(({ words }) => words.join(' ')),
        });
      }
      if (options.json) return console.log(JSON.stringify(results, null, 2));
      for (const { reference, result, commands } of results) {
        console.log(`${result}  ${reference}`);
        if (options.dryRun) for (const line of commands) console.log(`  ${line}`);
      }
    });
}

async function build(planned: PlannedBuild, quiet?: true): Promise<void> {
  await runBuild(planned, { onOutput: quiet ? undefined : (text) => process.stderr.write(text) });
}

export default start(command, module);
