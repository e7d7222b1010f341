/** Argo CD's URL of the cluster that it runs in. */
export const IN_CLUSTER = 'https://kubernetes.default.svc';

/** Sync policy of every Application. See https://argo-cd.readthedocs.io/en/stable/user-guide/auto_sync/ */
const SYNC_POLICY = {
  automated: { prune: true, selfHeal: true, allowEmpty: false },
  // Argo CD never retries a revision after its last retry; without `refresh`, a newer commit waits until the retries are over.
  retry: { limit: -1, refresh: true, backoff: { duration: '10s', factor: 2, maxDuration: '5m' } },
  // The manifests in Git contain the namespace with its labels.
  syncOptions: ['CreateNamespace=false', 'ServerSideApply=true'],
} as const;

/** The source of an Application. See https://argo-cd.readthedocs.io/en/stable/user-guide/application-specification/ */
export interface Source {
  /** URL of the Git repository. */
  readonly url: string;
  /** Branch that is followed. */
  readonly branch: string;
  /** Folder in the repository. */
  readonly path: string;
}

/** The manifest of an Argo CD resource. */
export function argoManifest(kind: 'AppProject' | 'Application', metadata: object, spec: object) {
  return { apiVersion: 'argoproj.io/v1alpha1', kind, metadata, spec };
}

/** The spec of an Application in a project of the same name. */
export function applicationSpec(project: string, { url, branch, path }: Source, namespace: string) {
  return {
    project,
    source: { repoURL: url, targetRevision: branch, path },
    destination: { server: IN_CLUSTER, namespace },
    syncPolicy: SYNC_POLICY,
  };
}
