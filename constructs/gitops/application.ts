/** The cluster that Argo CD runs in, as Argo CD names it. */
export const IN_CLUSTER = 'https://kubernetes.default.svc';

/** How every Application of ours is synced. */
const SYNC_POLICY = {
  automated: { prune: true, selfHeal: true, allowEmpty: false },
  // A revision whose retries are used up is never tried again, and without `refresh` newer commits wait for the last of them.
  retry: { limit: -1, refresh: true, backoff: { duration: '10s', factor: 2, maxDuration: '5m' } },
  // The namespace is in Git, with its labels.
  syncOptions: ['CreateNamespace=false', 'ServerSideApply=true'],
} as const;

/** Where an Application reads. */
export interface Source {
  readonly url: string;
  readonly branch: string;
  readonly path: string;
}

/** An object of Argo CD's API. */
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
