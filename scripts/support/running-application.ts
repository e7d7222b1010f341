import { inHome } from '../../cloud/kubeconfig';
import { applicationOf, kubeconfigOf, namespaceOf } from '../../platforms/environment';
import type { Platform } from '../../platforms/schema';
import { Application } from '../../recovery/application';

/** The application of an environment, reached by the kubeconfig of whoever runs this. */
export function runningApplication(platform: Platform, env: string): Application {
  const { path, context } = kubeconfigOf(platform, env);
  return new Application({
    kubeconfig: inHome(path),
    ...(context && { context }),
    name: applicationOf(platform, env),
    argocdNamespace: 'argocd',
    namespace: namespaceOf(platform, env),
    env: process.env,
  });
}
