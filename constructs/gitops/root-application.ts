import { Manifest } from '@cdktf/provider-kubernetes/lib/manifest';
import { Construct } from 'constructs';
import { applicationSpec, argoManifest, IN_CLUSTER, type Source } from './application';

/**
 * The kinds that an app of apps deploys. Its AppProjects are in Git and define what they allow, so whoever can push there is an
 * administrator of the cluster. Source: https://argo-cd.readthedocs.io/en/stable/operator-manual/cluster-bootstrapping/
 */
const ONLY_APPLICATIONS = {
  clusterResourceWhitelist: [],
  namespaceResourceWhitelist: [
    { group: 'argoproj.io', kind: 'AppProject' },
    { group: 'argoproj.io', kind: 'Application' },
  ],
};

/** Properties of `RootApplication`. */
export interface RootApplicationProps {
  /** Name of the AppProject and of the Application. */
  readonly name: string;
  /** Namespace of Argo CD, in which both are created. */
  readonly argocdNamespace: string;
  /** The only namespace that it may deploy to; an app of apps deploys to that of Argo CD instead. */
  readonly namespace: string;
  /** Cluster-scoped objects that the manifests contain in addition to their namespace. @default - none */
  readonly clusterResources?: readonly { readonly group: string; readonly kind: string; readonly name: string }[];
  /** The Git repository, branch and folder that it follows. */
  readonly repository: Source & {
    /**
     * `applications` for an app of apps, whose AppProjects and Applications are in the namespace of Argo CD. @default
     * 'manifests'
     */
    readonly holds?: 'manifests' | 'applications';
  };
}

/**
 * The Application from which Argo CD deploys a platform.
 *
 * Creates:
 * - an AppProject that allows only what the platform needs: one repository, one namespace
 * - the Application, which syncs automatically
 *
 * The Application has no finalizer: deleting it leaves the deployed resources running, and a new Application adopts them.
 * See https://argo-cd.readthedocs.io/en/stable/user-guide/app_deletion/
 *
 * @example
 * new RootApplication(this, 'root', {
 *   name: 'threads',
 *   argocdNamespace: 'argocd',
 *   namespace: 'threads',
 *   repository: { url: 'https://github.com/acme/threads.git', branch: 'main', path: 'k8s/threads/overlays/prod' },
 * });
 */
export class RootApplication extends Construct {
  /** Name of the Application. */
  readonly name: string;

  constructor(scope: Construct, id: string, props: RootApplicationProps) {
    super(scope, id);
    const { name, argocdNamespace, clusterResources = [], repository } = props;
    this.name = name;
    const ofApps = repository.holds === 'applications';
    const namespace = ofApps ? argocdNamespace : props.namespace;
    const metadata = { name, namespace: argocdNamespace };

    const project = new Manifest(this, 'project', {
      manifest: argoManifest('AppProject', metadata, {
        description: `allows Argo CD to deploy ${name}`,
        sourceRepos: [repository.url],
        destinations: [{ server: IN_CLUSTER, namespace }],
        ...(ofApps
          ? ONLY_APPLICATIONS
          : { clusterResourceWhitelist: [{ group: '', kind: 'Namespace', name: namespace }, ...clusterResources] }),
      }),
    });
    new Manifest(this, 'application', {
      dependsOn: [project],
      manifest: argoManifest('Application', metadata, applicationSpec(name, repository, namespace)),
    });
  }
}
