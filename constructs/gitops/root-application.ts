import { Manifest } from '@cdktf/provider-kubernetes/lib/manifest';
import { Construct } from 'constructs';
import { applicationSpec, argoManifest, IN_CLUSTER, type Source } from './application';

/**
 * What an app of apps needs: each of its AppProjects says what may be deployed in it. Since these are in Git, whoever pushes
 * there is an administrator of the cluster. Source: Argo CD, "Cluster Bootstrapping", security considerations.
 */
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
  /** Objects of the cluster that the manifests contain besides their namespace. @default - none */
  readonly clusterResources?: readonly { readonly group: string; readonly kind: string; readonly name: string }[];
  /** What it follows. */
  readonly repository: Source & {
    /** `applications`: an app of apps, whose AppProjects and Applications are next to Argo CD. @default 'manifests' */
    readonly holds?: 'manifests' | 'applications';
  };
}

/**
 * What Argo CD is to follow: an AppProject with nothing but what the platform needs, and one Application in it.
 *
 * The Application has no finalizer: deleting it leaves what it deployed, and the next one adopts it.
 */
export class RootApplication extends Construct {
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
        description: `what Argo CD may deploy for ${name}`,
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
