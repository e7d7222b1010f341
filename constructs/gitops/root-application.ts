import { Manifest } from '@cdktf/provider-kubernetes/lib/manifest';
import { Construct } from 'constructs';

export interface RootApplicationProps {
  /** Name of the AppProject and of the Application. */
  readonly name: string;
  readonly argocdNamespace: string;
  /** The only namespace that it may deploy into. */
  readonly namespace: string;
  /** True where Image Updater reads what to watch from Git too, from folder `image-updater` of the path. @default false */
  readonly imageUpdater?: boolean;
  /** What it follows. */
  readonly repository: { readonly url: string; readonly branch: string; readonly path: string };
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
    const destination = { server, namespace };

    const project = new Manifest(this, 'project', {
      manifest: manifest('AppProject', {
        description: `what Argo CD may deploy for ${name}`,
        sourceRepos: [repository.url],
        destinations: [destination, ...(props.imageUpdater ? [{ server, namespace: argocdNamespace }] : [])],
        clusterResourceWhitelist: [
          { group: '', kind: 'Namespace' },
          { group: 'external-secrets.io', kind: 'ClusterSecretStore' },
        ],
      }),
    });
    const syncPolicy = {
      automated: { prune: true, selfHeal: true, allowEmpty: false },
      retry: { limit: 10, backoff: { duration: '10s', factor: 2, maxDuration: '5m' } },
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
