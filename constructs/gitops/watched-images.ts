import { Manifest } from '@cdktf/provider-kubernetes/lib/manifest';
import { Construct } from 'constructs';
import { applicationSpec, argoManifest, IN_CLUSTER, type Source } from './application';

export interface WatchedImagesProps {
  /** Name of the root Application, whose images are watched. */
  readonly name: string;
  readonly argocdNamespace: string;
  /** What the root Application follows. The ImageUpdater is in folder `image-updater` of its path. */
  readonly repository: Source;
}

/**
 * What Image Updater watches, which is in Git too: an AppProject and an Application for it, next to Argo CD.
 *
 * The project allows kind ImageUpdater only: with any other right in the namespace of Argo CD, whoever pushes to the branch
 * would be an administrator of the cluster. Source: Argo CD, "Cluster Bootstrapping", security considerations.
 *
 * The controller of Image Updater puts a finalizer on the ImageUpdater, which would hold the namespace once the controller is
 * gone. So this Application, unlike the root Application, deletes what it deployed, while the controller still runs. In the
 * background, since nothing depends on an ImageUpdater.
 */
export class WatchedImages extends Construct {
  constructor(scope: Construct, id: string, props: WatchedImagesProps) {
    super(scope, id);
    const { argocdNamespace: namespace, repository } = props;
    const name = `${props.name}-image-updater`;
    const project = new Manifest(this, 'project', {
      manifest: argoManifest(
        'AppProject',
        { name, namespace },
        {
          description: `what Image Updater watches for ${props.name}`,
          sourceRepos: [repository.url],
          destinations: [{ server: IN_CLUSTER, namespace }],
          clusterResourceWhitelist: [],
          namespaceResourceWhitelist: [{ group: 'argocd-image-updater.argoproj.io', kind: 'ImageUpdater' }],
        },
      ),
    });
    new Manifest(this, 'application', {
      dependsOn: [project],
      manifest: argoManifest(
        'Application',
        { name, namespace, finalizers: ['resources-finalizer.argocd.argoproj.io/background'] },
        applicationSpec(name, { ...repository, path: `${repository.path}/image-updater` }, namespace),
      ),
    });
  }
}
