import { Command, Option } from 'commander';
import { systemClock } from '../clients/clock';
import { assertTrigger, configPath, readConfig } from '../delivery/cluster/config';
import { bringUpCluster } from '../delivery/cluster/create';
import {
  assertHetznerK3s,
  CLUSTER_SECRETS,
  clusterSecrets,
  deleteCluster,
  HETZNER_K3S,
} from '../delivery/cluster/hetzner-k3s';
import { installHetznerK3s } from '../delivery/cluster/install';
import { nodesIn, readiness } from '../delivery/cluster/readiness';
import { applyEnvironment, secretNames } from '../delivery/push-apply/deploy';
import type { Trigger } from '../delivery/ship/steps';
import { renderProgress, Timeline } from '../delivery/ship/timeline';
import { withTools } from '../delivery/ship/tools';
import { EXIT_CODES, UsageError } from '../errors';
import { loadPlatform } from '../platforms/load';
import { environmentOf } from '../platforms/schema/define-platform';
import { takeSecrets } from './support/deployment-secrets';
import { endHelp } from './support/help';
import { interruption } from './support/interruption';
import { platformOptions, strict, wrongUsage } from './support/options';
import { start } from './support/start';

interface Options {
  readonly platform: string;
  readonly env: string;
  readonly json?: true;
  readonly dryRun?: true;
}

interface CreateOptions extends Options {
  readonly trigger: Trigger;
  readonly apply: boolean;
}

const command = new Command('npm run cluster --').description(
  `The cluster of an environment on Hetzner Cloud, by hetzner-k3s ${HETZNER_K3S} and the environment's cluster-config.yaml.`,
);

endHelp(platformOptions(command.command('create')), {
  examples: [
    'npm run cluster -- create --platform real-estate --env test --dry-run',
    'npm run cluster -- create --platform real-estate --env test --no-apply',
  ],
  exits: '0 done, 1 failed, 2 wrong usage or configuration, 3 refused by auto_deploy or gate, 5 asleep',
  notes: [`Secrets in the environment: ${CLUSTER_SECRETS.join(', ')}; INFRA_DEPLOY_TOKEN for GitHub.`],
})
  .description(
    'creates the cluster, or changes it to what its configuration says; waits for nodes, CSI driver and storage class; writes ' +
      'the kubeconfig as a secret of the GitHub environment where INFRA_DEPLOY_TOKEN is set; then applies the environment',
  )
  .addOption(
    new Option('--trigger <kind>', 'a push, or a person who started it').choices(['push', 'manual']).default('manual'),
  )
  .option('--no-apply', 'end once the cluster is ready')
  .option('--dry-run', 'check configuration and secrets, and create nothing')
  .action(async ({ platform: name, env, trigger, apply, dryRun, json }: CreateOptions) => {
    const platform = loadPlatform(name);
    const config = readConfig(platform, env);
    assertTrigger(config, env, trigger);
    const isApplied = apply && environmentOf(platform, env).delivery.kind === 'push-apply';
    const { INFRA_DEPLOY_TOKEN: infraToken, ...taken } = takeSecrets([...CLUSTER_SECRETS, 'INFRA_DEPLOY_TOKEN']);
    const values = takeSecrets(isApplied ? secretNames({ platform, env }) : []);
    const secrets = clusterSecrets(taken);
    const planned = `${config.cluster_name}: ${nodesIn(config)} nodes, k3s ${config.k3s_version}`;
    if (dryRun) return console.log(json ? JSON.stringify({ dryRun, config }, null, 2) : `would create ${planned}`);
    const report = (line: string) => console.error(line);
    const timeline = new Timeline(systemClock, (step) => report(renderProgress(step)));
    await withTools(platform, env, { report, signal: interruption() }, async (tools) => {
      const onOutput = (text: string) => process.stderr.write(text);
      await bringUpCluster(tools, { config, secrets, infraToken, onOutput }, timeline);
      const [service] = Object.keys(platform.services);
      if (isApplied && service) await applyEnvironment(tools, { service, trigger, values }, timeline);
    });
    console.log(
      json ? JSON.stringify({ cluster: config.cluster_name, steps: timeline.steps }, null, 2) : `ready: ${planned}`,
    );
  });

endHelp(strict(command.command('install')), {
  examples: ['HETZNER_K3S_SHA256=... npm run cluster -- install'],
  exits: '0 installed, 1 failed, 2 wrong usage',
})
  .description(
    `installs hetzner-k3s ${HETZNER_K3S} for Linux on amd64, unless it is installed, and compares it with HETZNER_K3S_SHA256`,
  )
  .option('--dry-run', 'say what would be installed, and install nothing')
  .option('--json', 'print JSON and nothing else')
  .action(async ({ dryRun, json }: Pick<Options, 'dryRun' | 'json'>) => {
    const path = dryRun ? undefined : await installHetznerK3s();
    const text = dryRun
      ? `would install hetzner-k3s ${HETZNER_K3S}`
      : (path ?? `hetzner-k3s ${HETZNER_K3S} is installed`);
    console.log(
      json ? JSON.stringify({ dryRun: dryRun ?? false, version: HETZNER_K3S, path: path ?? null }, null, 2) : text,
    );
  });

endHelp(platformOptions(command.command('check')), {
  examples: ['npm run cluster -- check --platform real-estate --env prod'],
  exits: '0 ready, 1 failed, 2 wrong usage or configuration, 4 not ready',
})
  .description('checks the configuration, and whether nodes, CSI driver and storage class are ready; changes nothing')
  .option('--config-only', 'check the configuration alone, which needs no cluster')
  .action(async ({ platform: name, env, json, configOnly }: Options & { readonly configOnly?: true }) => {
    const platform = loadPlatform(name);
    const config = readConfig(platform, env);
    const path = configPath(name, env);
    if (configOnly) return console.log(json ? JSON.stringify({ path, config }, null, 2) : `${path} is valid`);
    const found = await withTools(platform, env, { report: () => undefined, signal: interruption() }, (tools) =>
      readiness(tools.kubectl(), nodesIn(config)),
    );
    const lines = found.map(({ what, ok, detail }) => `${ok ? 'ok      ' : 'MISSING '}  ${what}: ${detail}`);
    console.log(json ? JSON.stringify(found, null, 2) : lines.join('\n'));
    if (found.some(({ ok }) => !ok)) process.exitCode = EXIT_CODES.different;
  });

endHelp(platformOptions(command.command('delete')), {
  examples: ['npm run cluster -- delete --platform real-estate --env test \\\n--confirm hetzner-test-cluster'],
  exits: '0 done, 1 failed, 2 wrong usage or configuration',
})
  .description(
    'deletes the nodes of the cluster and everything on them; volumes and load balancers stay in the project until you delete them',
  )
  .option('--confirm <cluster>', 'name of the cluster, to show that you mean it')
  .option('--dry-run', 'show what would be deleted, and delete nothing')
  .action(async ({ platform: name, env, json, dryRun, confirm }: Options & { readonly confirm?: string }) => {
    const config = readConfig(loadPlatform(name), env);
    const cluster = config.cluster_name;
    const taken = takeSecrets(CLUSTER_SECRETS);
    if (dryRun) {
      const text = `would delete ${cluster}: ${nodesIn(config)} nodes`;
      return console.log(json ? JSON.stringify({ dryRun, cluster }, null, 2) : text);
    }
    if (confirm !== cluster) {
      throw new UsageError(`this deletes cluster ${cluster} of ${env} and what runs on it; add --confirm ${cluster}`);
    }
    const secrets = clusterSecrets(taken);
    await assertHetznerK3s();
    const onOutput = (text: string) => process.stderr.write(text);
    await deleteCluster(config, { secrets, signal: interruption(), onOutput });
    console.log(json ? JSON.stringify({ cluster, deleted: true }, null, 2) : `deleted ${cluster}`);
  });

command.exitOverride(wrongUsage);
export default start(command, module);
