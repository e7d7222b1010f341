import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { run } from '../../clients/process';
import { FailedError, UsageError } from '../../errors';
import type { ClusterConfig } from '../../platforms/real-estate/cluster-config';

/** The release that the configurations were checked with. Source: https://github.com/vitobotta/hetzner-k3s/releases */
export const HETZNER_K3S = 'v2.4.7';

/** Secrets of hetzner-k3s, by the names that they have in GitHub. */
export const CLUSTER_SECRETS = ['HETZNER_TOKEN', 'HETZNER_SSH_PRIVATE_KEY', 'HETZNER_SSH_PUBLIC_KEY'] as const;

/** Values of the secrets. */
export type ClusterSecrets = Readonly<Record<(typeof CLUSTER_SECRETS)[number], string>>;

/** How hetzner-k3s is called. */
export interface HetznerOptions {
  readonly secrets: ClusterSecrets;
  readonly signal?: AbortSignal;
  readonly onOutput?: (text: string) => void;
  /** File system that is in memory. @default - `/dev/shm` */
  readonly memory?: string;
}

/** The secrets among variables. @throws {UsageError} naming all that are missing. */
export function clusterSecrets(values: Readonly<Record<string, string | undefined>>): ClusterSecrets {
  const missing = CLUSTER_SECRETS.filter((name) => !values[name]);
  if (missing.length > 0) throw new UsageError(`${missing.join(', ')} missing; set them in the environment`);
  const [token, privateKey, publicKey] = CLUSTER_SECRETS.map((name) => values[name] ?? '');
  return {
    HETZNER_TOKEN: token ?? '',
    HETZNER_SSH_PRIVATE_KEY: privateKey ?? '',
    HETZNER_SSH_PUBLIC_KEY: publicKey ?? '',
  };
}

/** @throws {FailedError} where hetzner-k3s is missing or another release */
export async function assertHetznerK3s(env: NodeJS.ProcessEnv = process.env): Promise<void> {
  const finished = await run('hetzner-k3s', ['--version'], { env }).catch(() => undefined);
  const found = /\d+\.\d+\.\d+/.exec(finished?.stdout ?? '')?.[0];
  if (`v${found}` === HETZNER_K3S) return;
  throw new FailedError(
    `hetzner-k3s ${HETZNER_K3S} is needed, found ${found ? `v${found}` : 'none'}; ` +
      `install https://github.com/vitobotta/hetzner-k3s/releases/download/${HETZNER_K3S}/hetzner-k3s-linux-amd64`,
  );
}

/** Creates a cluster, or changes the existing one to what the configuration says. @throws {FailedError} when it fails */
export function createCluster(config: ClusterConfig, options: HetznerOptions): Promise<void> {
  return call('create', config, options);
}

/** Deletes a cluster and its nodes. Volumes and load balancers stay in the project. @throws {FailedError} when it fails */
export function deleteCluster(config: ClusterConfig, options: HetznerOptions): Promise<void> {
  // It asks for the name of the cluster on standard input.
  return call('delete', config, options, `${config.cluster_name}\n`);
}

async function call(
  verb: 'create' | 'delete',
  config: ClusterConfig,
  { secrets, signal, onOutput, memory = '/dev/shm' }: HetznerOptions,
  input = '',
): Promise<void> {
  const folder = keyFolder(memory);
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  const file = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text.endsWith('\n') ? text : `${text}\n`, { mode: 0o600 });
    return path;
  };
  try {
    const { auto_deploy: _, ...theirs } = config;
    const { ssh } = config.networking;
    const filled = {
      ...theirs,
      protect_against_deletion: verb !== 'delete',
      networking: {
        ...config.networking,
        ssh: {
          ...ssh,
          private_key_path: file('key', secrets.HETZNER_SSH_PRIVATE_KEY),
          public_key_path: file('key.pub', secrets.HETZNER_SSH_PUBLIC_KEY),
        },
      },
    };
    const args = [verb, '--config', file('cluster-config.yaml', stringify(filled))];
    const env = { ...process.env, HCLOUD_TOKEN: secrets.HETZNER_TOKEN };
    const { code, stderr } = await run('hetzner-k3s', args, { env, signal, onOutput, input });
    if (code !== 0) throw new FailedError(`hetzner-k3s ${verb}: exit code ${code}: ${lastLine(stderr)}`);
  } finally {
    process.off('exit', remove);
    remove();
  }
}

/** hetzner-k3s reads keys from files only: these are in memory, and no other user can read them. */
function keyFolder(memory: string): string {
  if (existsSync(memory)) return mkdtempSync(join(memory, 'strata-cluster-'));
  throw new FailedError(
    `there is no file system in memory at ${memory}, and SSH keys are not written to ${tmpdir()}; run this on Linux`,
  );
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
