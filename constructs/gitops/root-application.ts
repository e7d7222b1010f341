import { Manifest } from '@cdktf/provider-kubernetes/lib/manifest';
import { Construct } from 'constructs';

/** Kinds of the cluster that every application needs, beside all kinds of its namespace. */
const MANIFESTS = [
  { group: '', kind: 'Namespace' },
  { group: 'external-secrets.io', kind: 'ClusterSecretStore' },
];

/** What an app of apps needs: each of its AppProjects says what may be deployed in it. */
const ONLY_APPLICATIONS = {
  clusterResourceWhitelist: [],
  namespaceResourceWhitelist: [
    { group: 'argoproj.io', kind: 'AppProject' },
    { group: 'argoproj.io', kind: 'Application' },
  ],
};

export interface RootApplicationProps {
  /** Name of the AppProject and of the Application. */
  readonly name: string;
  readonly argocdNamespace: string;
  /** The only namespace that it may deploy into; an app of apps has that of Argo CD instead. */
  readonly namespace: string;
  /** Kinds of the cluster that the manifests bring beside Namespaces and ClusterSecretStores. @default - none */
  readonly clusterKinds?: readonly { readonly group: string; readonly kind: string }[];
  /** True where Image Updater reads what to watch from Git too, from folder `image-updater` of the path. @default false */
  readonly imageUpdater?: boolean;
  /** What it follows. */
  readonly repository: {
    readonly url: string;
    readonly branch: string;
    readonly path: string;
    /** `applications`: an app of apps, whose AppProjects and Applications lie beside Argo CD. @default 'manifests' */
    readonly holds?: 'manifests' | 'applications';
  };
}

/**
 * What Argo CD is to follow: an AppProject with nothing but what the platform needs, and one Application in it.
 *
 * The Application has no finalizer: deleting it leaves what it deployed, and the next one adopts it. What Image Updater
 * watches is another matter: its controller puts a finalizer on it, which would hold the namespace once the controller is
 * gone. So that is in an Application that takes it along, while the controller still runs.
 */
export class RootApplication extends Construct {
  readonly name: string;

  constructor(scope: Construct, id: string, props: RootApplicationProps) {
    super(scope, id);
    const { name, argocdNamespace, namespace, repository } = props;
    this.name = name;
    const manifest = (kind: string, spec: object, metadata: object = {}) => ({
      apiVersion: 'argoproj.io/v1alpha1',
      kind,
      metadata: { name, namespace: argocdNamespace, ...metadata },
      spec,
    });
    const server = 'https://kubernetes.default.svc';
    const ofApps = repository.holds === 'applications';
    const destination = { server, namespace: ofApps ? argocdNamespace : namespace };

    const project = new Manifest(this, 'project', {
      manifest: manifest('AppProject', {
        description: `what Argo CD may deploy for ${name}`,
        sourceRepos: [repository.url],
        destinations: [destination, ...(props.imageUpdater ? [{ server, namespace: argocdNamespace }] : [])],
        ...(ofApps ? ONLY_APPLICATIONS : { clusterResourceWhitelist: [...MANIFESTS, ...(props.clusterKinds ?? [])] }),
      }),
    });
    const syncPolicy = {
      automated: { prune: true, selfHeal: true, allowEmpty: false },
      // A revision whose retries are used up is never tried again, and without `refresh` newer commits wait for the last of them.
      retry: { limit: -1, refresh: true, backoff: { duration: '10s', factor: 2, maxDuration: '5m' } },
      // The namespace is in Git, with its labels.
      syncOptions: ['CreateNamespace=false', 'ServerSideApply=true'],
    };
    const source = { repoURL: repository.url, targetRevision: repository.branch, path: repository.path };
    new Manifest(this, 'application', {
      dependsOn: [project],
      manifest: manifest('Application', { project: name, source, destination, syncPolicy }),
    });
    if (!props.imageUpdater) return;
    new Manifest(this, 'image-updater', {
      dependsOn: [project],
      manifest: manifest(
        'Application',
        {
          project: name,
          source: { ...source, path: `${repository.path}/image-updater` },
          destination: { server, namespace: argocdNamespace },
          syncPolicy,
        },
        { name: `${name}-image-updater`, finalizers: ['resources-finalizer.argocd.argoproj.io'] },
      ),
    });
  }
}
