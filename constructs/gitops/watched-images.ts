import { Manifest } from '@cdktf/provider-kubernetes/lib/manifest';
import { Construct } from 'constructs';
import { applicationSpec, argoManifest, IN_CLUSTER, type Source } from './application';

/** Properties of `WatchedImages`. */
export interface WatchedImagesProps {
  /** Name of the root Application, whose images are watched. */
  readonly name: string;
  /** Namespace of Argo CD and Image Updater. */
  readonly argocdNamespace: string;
  /** The repository that the root Application follows. The ImageUpdater is in folder `image-updater` of its path. */
  readonly repository: Source;
}

/**
 * Deploys the ImageUpdater resource, which lists the images that Image Updater watches, from Git.
 *
 * Creates:
 * - an AppProject that allows nothing but ImageUpdater resources in the namespace of Argo CD
 * - an Application that deploys folder `image-updater`
 *
 * With any other permission in the namespace of Argo CD, whoever can push to the branch would be an administrator of the cluster.
 * Source: https://argo-cd.readthedocs.io/en/stable/operator-manual/cluster-bootstrapping/
 *
 * Image Updater's controller adds a finalizer to the ImageUpdater, which would block the deletion of the namespace once the
 * controller is gone. Unlike the root Application, this one therefore deletes what it deployed, while the controller still runs.
 * It does so in the background, since nothing depends on an ImageUpdater.
 *
 * @example
 * new WatchedImages(this, 'watched-images', {
 *   name: 'threads',
 *   argocdNamespace: 'argocd',
 *   repository: { url: 'git@github.com:acme/threads.git', branch: 'main', path: 'k8s/threads/overlays/staging' },
 * });
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
          description: `allows Argo CD to deploy the Image Updater configuration of ${props.name}`,
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
