import { Release } from '@cdktf/provider-helm/lib/release';
import { Construct } from 'constructs';
import { stringify } from 'yaml';
import type { Namespace } from '../kubernetes/namespace';
import type { ArgoCd } from './argo-cd';

/** Properties of `ImageUpdater`. */
export interface ImageUpdaterProps {
  /** The namespace of Argo CD, whose Applications it reads. */
  readonly namespace: Namespace;
  /** Argo CD, which is installed first: Image Updater needs its CRDs. */
  readonly argoCd: ArgoCd;
  /** Host of the registry that it watches with the node's service account, such as `us-east1-docker.pkg.dev`. */
  readonly registryHost: string;
}

/**
 * Prints `user:password` for the registry: an access token of the node's service account, from the metadata server.
 *
 * Source: https://cloud.google.com/artifact-registry/docs/docker/authentication#token
 */
const TOKEN = `#!/bin/sh
set -eu
server=http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token
token=$(wget -q -O - --header 'Metadata-Flavor: Google' "$server" | sed -n 's/.*"access_token": *"\\([^"]*\\)".*/\\1/p')
echo "oauth2accesstoken:$token"
`;

/**
 * Argo CD Image Updater, which commits the tags of new images to Git.
 *
 * Creates the release of its Helm chart; the CRD stays when the release is destroyed. An ImageUpdater resource in Git says what it
 * watches, see `WatchedImages`. See https://argocd-image-updater.readthedocs.io/
 *
 * @example
 * const namespace = new Namespace(this, 'argocd', { name: 'argocd', nodeIdentity: 'argocd-image-updater' });
 * const argoCd = new ArgoCd(this, 'argo-cd', { namespace });
 * new ImageUpdater(this, 'image-updater', { namespace, argoCd, registryHost: 'us-east1-docker.pkg.dev' });
 */
export class ImageUpdater extends Construct {
  constructor(scope: Construct, id: string, { namespace, argoCd, registryHost }: ImageUpdaterProps) {
    super(scope, id);
    new Release(this, 'release', {
      // It crashes until the CRD of Application exists.
      dependsOn: [argoCd.release],
      name: 'argocd-image-updater',
      namespace: namespace.name,
      repository: 'https://argoproj.github.io/argo-helm',
      chart: 'argocd-image-updater',
      version: '1.2.4',
      timeout: 600,
      values: [
        stringify({
          crds: { install: true, keep: true },
          extraArgs: ['--interval', '1m'],
          authScripts: { enabled: true, scripts: { 'node-identity.sh': TOKEN } },
          config: {
            registries: [
              {
                name: 'artifact-registry',
                prefix: registryHost,
                api_url: `https://${registryHost}`,
                ping: false,
                credentials: 'ext:/scripts/node-identity.sh',
                // The metadata server returns a cached token until it has 4 minutes left.
                credsexpire: '3m',
              },
            ],
            'git.user': 'argocd-image-updater',
            'git.email': 'argocd-image-updater@users.noreply.github.com',
          },
          resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '128Mi' } },
        }),
      ],
    });
  }
}
