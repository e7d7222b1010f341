import { Release } from '@cdktf/provider-helm/lib/release';
import { Construct } from 'constructs';
import { stringify } from 'yaml';
import type { Namespace } from './namespace';

/** External Secrets Operator by its Helm chart. Its CRDs outlive it, and with them every ExternalSecret. */
export class ExternalSecrets extends Construct {
  constructor(scope: Construct, id: string, { namespace }: { readonly namespace: Namespace }) {
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
