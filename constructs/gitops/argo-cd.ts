import { Release } from '@cdktf/provider-helm/lib/release';
import { Construct } from 'constructs';
import { stringify } from 'yaml';
import type { Namespace } from '../kubernetes/namespace';

/** Properties of `ArgoCd`. */
export interface ArgoCdProps {
  /** Namespace that it is installed in. */
  readonly namespace: Namespace;
  /**
   * Seconds between two polls of Git, `timeout.reconciliation`.
   * See https://argo-cd.readthedocs.io/en/stable/operator-manual/high_availability/ @default - 120 to 180, the chart's
   */
  readonly pollSeconds?: number;
  /** True if Applications deploy Applications: a sync wave of these then waits until the previous one is healthy. @default false */
  readonly appOfApps?: boolean;
}

/**
 * Health check for an Application that another Application deploys. Argo CD has had none for that kind since 1.8, so sync waves
 * would not wait for it. Source: https://argo-cd.readthedocs.io/en/stable/operator-manual/health/#argocd-app
 */
const HEALTH_OF_APPLICATIONS = `hs = { status = "Progressing", message = "" }
if obj.status ~= nil and obj.status.health ~= nil then
  hs.status = obj.status.health.status
  hs.message = obj.status.health.message or ""
end
return hs
`;

/**
 * Argo CD, sized for a cluster of one node.
 *
 * Creates the release of its Helm chart, without Dex and notifications; the CRDs stay when the release is destroyed.
 * See https://github.com/argoproj/argo-helm/tree/main/charts/argo-cd
 *
 * @example
 * const namespace = new Namespace(this, 'argocd', { name: 'argocd' });
 * new ArgoCd(this, 'argo-cd', { namespace });
 */
export class ArgoCd extends Construct {
  /** The Helm release. Resources that need Argo CD's CRDs depend on it. */
  readonly release: Release;

  constructor(scope: Construct, id: string, { namespace, pollSeconds, appOfApps }: ArgoCdProps) {
    super(scope, id);
    const cm = {
      ...(pollSeconds && polling(pollSeconds)),
      ...(appOfApps && { 'resource.customizations.health.argoproj.io_Application': HEALTH_OF_APPLICATIONS }),
    };
    this.release = new Release(this, 'release', {
      name: 'argocd',
      namespace: namespace.name,
      repository: 'https://argoproj.github.io/argo-helm',
      chart: 'argo-cd',
      version: '10.1.1',
      timeout: 600,
      values: [
        stringify({
          crds: { install: true, keep: true },
          dex: { enabled: false },
          notifications: { enabled: false },
          ...(Object.keys(cm).length > 0 ? { configs: { cm } } : {}),
          controller: { resources: memory('256Mi', '768Mi') },
          repoServer: { resources: memory('128Mi', '512Mi') },
          server: { resources: memory('96Mi', '256Mi') },
          applicationSet: { resources: memory('64Mi', '192Mi') },
          redis: { resources: memory('32Mi', '96Mi') },
        }),
      ],
    });
  }
}

function memory(request: string, limit: string) {
  return { requests: { cpu: '25m', memory: request }, limits: { memory: limit } };
}

function polling(seconds: number) {
  return { 'timeout.reconciliation': `${seconds}s`, 'timeout.reconciliation.jitter': '0s' };
}
