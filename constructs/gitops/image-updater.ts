import { Release } from '@cdktf/provider-helm/lib/release';
import { Construct } from 'constructs';
import { stringify } from 'yaml';
import type { Namespace } from '../kubernetes/namespace';
import type { ArgoCd } from './argo-cd';

export interface ImageUpdaterProps {
  /** The namespace of Argo CD, whose Applications it reads. */
  readonly namespace: Namespace;
  readonly argoCd: ArgoCd;
  /** Host of the registry that it watches, by the identity of the node. */
  readonly registryHost: string;
}

/** Prints `user:password` for the registry: a token of the node's identity, from the metadata server. */
const TOKEN = `#!/bin/sh
set -eu
server=http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token
token=$(wget -q -O - --header 'Metadata-Flavor: Google' "$server" | sed -n 's/.*"access_token": *"\\([^"]*\\)".*/\\1/p')
echo "oauth2accesstoken:$token"
`;

/**
 * Argo CD Image Updater by its Helm chart. What it watches is an ImageUpdater resource, which lies in Git; it writes tags
 * back to Git and nowhere else. Its CRD outlives it.
 */
export class ImageUpdater extends Construct {
  constructor(scope: Construct, id: string, { namespace, argoCd, registryHost }: ImageUpdaterProps) {
    super(scope, id);
    new Release(this, 'release', {
      // It crashes while the kind Application does not exist.
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
                // The metadata server hands out its cached token until 4 minutes are left of it.
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
