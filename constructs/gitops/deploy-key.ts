import { Manifest } from '@cdktf/provider-kubernetes/lib/manifest';
import { Construct } from 'constructs';

export interface DeployKeyProps {
  /** Namespace of Argo CD, where Image Updater may read Secrets. */
  readonly argocdNamespace: string;
  /** The only AppProject whose Applications may use the key. */
  readonly project: string;
  /** URL of the repository, by HTTPS or SSH. */
  readonly repository: string;
  /** Google project and id of the key in Secret Manager. */
  readonly secret: { readonly project: string; readonly id: string };
}

/**
 * The SSH key by which Argo CD reads a private repository, and by which Image Updater pushes (`git:repocreds`): a repository
 * credential of Argo CD.
 *
 * It creates a SecretStore for the Google project and an ExternalSecret that becomes the credential. Two reasons for this form:
 * Image Updater may read Secrets in its own namespace only, and only with a credential of Argo CD does it check the host key
 * of the server, against ConfigMap `argocd-ssh-known-hosts-cm` of Argo CD's chart. That has the keys which GitHub publishes.
 *
 * It is not in Git: whoever can write an ExternalSecret next to Argo CD can write any Secret there, its administrator's
 * password included.
 *
 * Sources: argocd-image-updater, `pkg/argocd/gitcreds.go`; GitHub, "GitHub's SSH key fingerprints".
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
      // Without `auth` it is the identity of the node, which may read each secret by a grant of its own.
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

/** The URL of a repository by SSH: `https://github.com/acme/web.git` is `git@github.com:acme/web.git`. */
export function sshUrl(url: string): string {
  return url.replace(/^https:\/\/([^/]+)\/(.+?)(\.git)?$/, 'git@$1:$2.git');
}
