import { Manifest } from '@cdktf/provider-kubernetes/lib/manifest';
import { Construct } from 'constructs';

/** Properties of `DeployKey`. */
export interface DeployKeyProps {
  /** Namespace of Argo CD and Image Updater. */
  readonly argocdNamespace: string;
  /** The AppProject that may use the key; no other may. */
  readonly project: string;
  /** HTTPS or SSH URL of the repository. */
  readonly repository: string;
  /** The private key in Secret Manager: Google project and id of the secret. */
  readonly secret: { readonly project: string; readonly id: string };
}

/**
 * The SSH key with which Argo CD reads a private repository, and with which Image Updater pushes to it (`git:repocreds`).
 *
 * Creates:
 * - a SecretStore for the Google project
 * - an ExternalSecret whose Secret is a repository credential of Argo CD
 *
 * It is a repository credential for two reasons. Image Updater can read Secrets in its own namespace only. And only with such a
 * credential does it verify the server's host key, against ConfigMap `argocd-ssh-known-hosts-cm` of Argo CD's chart, which contains
 * the keys that GitHub publishes.
 *
 * It is created here and not in Git: whoever can write an ExternalSecret to the namespace of Argo CD can write any Secret there,
 * including the administrator's password.
 *
 * Sources: argocd-image-updater, `pkg/argocd/gitcreds.go`;
 * https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/githubs-ssh-key-fingerprints
 *
 * @example
 * new DeployKey(this, 'deploy-key', {
 *   argocdNamespace: 'argocd',
 *   project: 'threads',
 *   repository: 'https://github.com/acme/threads.git',
 *   secret: { project: 'acme-project', id: 'threads-staging-git-deploy-key' },
 * });
 */
export class DeployKey extends Construct {
  constructor(scope: Construct, id: string, { argocdNamespace, project, repository, secret }: DeployKeyProps) {
    super(scope, id);
    const name = 'git-deploy-key';
    const manifest = (kind: string, spec: object) => ({
      apiVersion: 'external-secrets.io/v1',
      kind,
      metadata: { name, namespace: argocdNamespace },
      spec,
    });
    const store = new Manifest(this, 'store', {
      // Without `auth`, it uses the node's service account, which has access to each secret separately.
      manifest: manifest('SecretStore', { provider: { gcpsm: { projectID: secret.project } } }),
    });
    new Manifest(this, 'external-secret', {
      dependsOn: [store],
      manifest: manifest('ExternalSecret', {
        refreshInterval: '1h0m0s',
        secretStoreRef: { kind: 'SecretStore', name },
        target: {
          name,
          template: {
            metadata: { labels: { 'argocd.argoproj.io/secret-type': 'repository' } },
            data: { type: 'git', url: sshUrl(repository), project, sshPrivateKey: '{{ .key }}' },
          },
        },
        data: [{ secretKey: 'key', remoteRef: { key: secret.id } }],
      }),
    });
  }
}

/** The SSH URL of a repository: `git@github.com:acme/web.git` for `https://github.com/acme/web.git`. */
export function sshUrl(url: string): string {
  return url.replace(/^https:\/\/([^/]+)\/(.+?)(\.git)?$/, 'git@$1:$2.git');
}
