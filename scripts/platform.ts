import { Command } from 'commander';
import { loadControl } from '../delivery/gate/control';
import { assertValid } from '../manifests/validate';
import { loadPlatform } from '../platforms/load';
import { architectureOf, type Cluster } from '../platforms/schema/cluster';
import { layersOf } from '../platforms/schema/environment';
import { githubSettings } from '../platforms/schema/github-settings';
import { secretsOf } from '../platforms/schema/secrets';
import { textTable } from '../rehearsal/text-table';
import { wholePlatformOptions } from './support/options';
import { start } from './support/start';

const command = wholePlatformOptions(new Command('npm run platform --'))
  .description(
    'Prints a platform with its defaults filled in and its restores. If its description or its trees are not valid, prints ' +
      'all problems and exits with 2. --json prints every field.',
  )
  .action((options: { platform: string; json?: true }) => {
    const platform = loadPlatform(options.platform);
    loadControl(platform);
    assertValid({ platform: platform.name });
    if (options.json) return console.log(JSON.stringify(platform, null, 2));
    const rows = Object.entries(platform.environments).map(([env, { cluster, delivery, exposure }]) => [
      env,
      `${machineOf(cluster)} ${architectureOf(cluster)}`,
      [delivery.kind, delivery.lock && 'lock', delivery.gate && 'gate'].filter(Boolean).join(' + '),
      exposure.kind,
      layersOf(platform, env).join(' ') || '-',
      secretsOf(platform, env).join(' ') || '-',
    ]);
    print([['environment', 'cluster', 'delivery', 'exposure', 'layers', 'secrets'], ...rows]);
    console.log();
    const settings = githubSettings(platform).map(({ kind, name, env = '-', purpose }) => [kind, name, env, purpose]);
    print([['on GitHub', 'name', 'environment', 'what for'], ...settings]);
  });

function machineOf(cluster: Cluster): string {
  return cluster.kind === 'kubeconfig' ? cluster.context : `${cluster.kind} ${cluster.machineType}`;
}

function print(table: readonly (readonly string[])[]): void {
  console.log(textTable(table).join('\n'));
}

export default start(command, module);
