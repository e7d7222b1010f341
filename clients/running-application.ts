import { existsSync } from 'node:fs';
import { environmentOf, type Platform } from '../platforms/schema/define-platform';
import { applicationOf, kubeconfigOf, namespaceOf } from '../platforms/schema/environment';
import { Application } from './application';
import { inHome } from './kubeconfig';
import { clusterPlaceOf } from './kubectl';

/** @throws if the kubeconfig of an environment does not exist, with the command that creates it. */
export function assertKubeconfig(platform: Platform, env: string): void {
  const { path, context } = kubeconfigOf(platform, env);
  if (existsSync(inHome(path))) return;
  const next =
    environmentOf(platform, env).cluster.kind === 'k0s-vm'
      ? `write it: npm run kubeconfig -- ${env} --platform ${platform.name}`
      : `copy a kubeconfig${context ? ` with context ${context}` : ''} to this path`;
  throw new Error(`${path} does not exist; ${next}`);
}

/**
 * The application of an environment.
 *
 * @param variables - environment of kubectl, whose HOME has the kubeconfig.
 */
export function runningApplication(
  platform: Platform,
  env: string,
  variables: NodeJS.ProcessEnv = process.env,
): Application {
  return new Application({
    cluster: clusterPlaceOf(platform, env, variables),
    name: applicationOf(platform, env),
    namespace: namespaceOf(platform, env),
  });
}
