import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { UsageError } from '../errors';

/** Where Kubernetes puts the credentials of a pod's service account. Source: https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * A kubeconfig with the credentials of the pod that this runs in. It names the file of the token and does not contain it: Kubernetes
 * replaces the token every hour.
 *
 * @param context - name of its only context.
 * @param folder - of the service account's credentials.
 * @throws {UsageError} outside of a pod, or in one without a service account.
 */
export function podKubeconfig(context: string, env: NodeJS.ProcessEnv = process.env, folder = SERVICE_ACCOUNT): string {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  const token = join(folder, 'token');
  if (!host || !port || !existsSync(token)) {
    throw new UsageError(
      `--from pod: this is no pod of a cluster with a service account (${token}); run it on a runner in the cluster`,
    );
  }
  const address = host.includes(':') ? `[${host}]` : host;
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: context,
        cluster: { server: `https://${address}:${port}`, 'certificate-authority': join(folder, 'ca.crt') },
      },
    ],
    users: [{ name: context, user: { tokenFile: token } }],
    contexts: [{ name: context, context: { cluster: context, user: context } }],
    'current-context': context,
  });
}
