import { Release } from '@cdktf/provider-helm/lib/release';
import { Construct } from 'constructs';
import { stringify } from 'yaml';
import type { Namespace } from '../kubernetes/namespace';

export interface ArgoCdProps {
  readonly namespace: Namespace;
  /** Seconds between two looks at Git. @default - the chart's 120, and up to 60 more */
  readonly pollSeconds?: number;
  /** True where Applications make Applications: a wave of these then waits until the one before is healthy. @default false */
  readonly appOfApps?: boolean;
}

/**
 * The health of an Application within another one: its own. Argo CD gives that kind none by itself since 1.8, so that waves
 * would pass over it. Source: Argo CD's documentation, "Resource Health".
 */
const HEALTH_OF_APPLICATIONS = `hs = { status = "Progressing", message = "" }
if obj.status ~= nil and obj.status.health ~= nil then
  hs.status = obj.status.health.status
  hs.message = obj.status.health.message or ""
end
return hs
`;

/** Argo CD by its Helm chart, as small as one node asks for. Its CRDs outlive it. */
export class ArgoCd extends Construct {
  /** What depends on Argo CD's kinds depends on this. */
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
