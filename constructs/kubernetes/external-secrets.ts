import { Release } from '@cdktf/provider-helm/lib/release';
import { Construct } from 'constructs';
import { stringify } from 'yaml';
import type { Namespace } from './namespace';

/** Properties of `ExternalSecrets`. */
export interface ExternalSecretsProps {
  /** Namespace that it is installed in. */
  readonly namespace: Namespace;
}

/**
 * External Secrets Operator, which copies secrets from Secret Manager to the cluster.
 *
 * Creates the release of its Helm chart. The CRDs, and with them every ExternalSecret, stay when the release is destroyed.
 * See https://external-secrets.io/latest/provider/google-secrets-manager/
 *
 * @example
 * const namespace = new Namespace(this, 'external-secrets', {
 *   name: 'external-secrets-system',
 *   nodeIdentity: 'external-secrets',
 * });
 * new ExternalSecrets(this, 'external-secrets-operator', { namespace });
 */
export class ExternalSecrets extends Construct {
  constructor(scope: Construct, id: string, { namespace }: ExternalSecretsProps) {
    super(scope, id);
    const resources = { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '192Mi' } };
    new Release(this, 'release', {
      name: 'external-secrets',
      namespace: namespace.name,
      repository: 'https://charts.external-secrets.io',
      chart: 'external-secrets',
      version: '2.9.0',
      timeout: 600,
      values: [
        stringify(
          {
            installCRDs: true,
            crds: { annotations: { 'helm.sh/resource-policy': 'keep' } },
            resources,
            webhook: { resources },
            certController: { resources },
          },
          { aliasDuplicateObjects: false },
        ),
      ],
    });
  }
}
