import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { RefusedError, UsageError } from '../../errors';
import { type ClusterConfig, checkClusterConfig } from '../../platforms/real-estate/cluster-config';
import { environmentOf, type Platform } from '../../platforms/schema/define-platform';

/** Path of the configuration of an environment's cluster in the repository. */
export function configPath(platform: string, env: string): string {
  return `k8s/${platform}/hetzner/${env}/cluster/cluster-config.yaml`;
}

/**
 * Reads and checks the configuration of an environment's cluster.
 *
 * @throws {UsageError} where its cluster is not created by hetzner-k3s
 * @throws {PlatformError} with all that is wrong with the configuration
 */
export function readConfig(platform: Platform, env: string): ClusterConfig {
  const { kind } = environmentOf(platform, env).cluster;
  if (kind !== 'hetzner-k3s') {
    throw new UsageError(
      `the cluster of environment "${env}" of platform "${platform.name}" is of kind "${kind}"; this command is for "hetzner-k3s"`,
    );
  }
  const path = configPath(platform.name, env);
  if (!existsSync(path)) throw new UsageError(`${path} does not exist; copy that of another environment`);
  return checkClusterConfig(platform, env, parse(readFileSync(path, 'utf8')));
}

/** @throws {RefusedError} for a push to an environment whose cluster a person creates */
export function assertTrigger({ auto_deploy }: ClusterConfig, env: string, trigger: 'push' | 'manual'): void {
  if (trigger === 'manual' || auto_deploy) return;
  throw new RefusedError(
    `a push does not create the cluster of ${env}: auto_deploy is false in its cluster-config.yaml; start it by hand`,
  );
}
