import type { KubernetesObject } from '../../world';
import type { ClusterApi } from '../api-server/api';
import { refOf } from '../api-server/reference';
import { type Application, applicationRef, hasOption, isConfirmed } from './application';
import { managed } from './compare';

const FINALIZER = /^resources-finalizer\.argocd\.argoproj\.io(\/|$)/;

/**
 * Deletes what a deleted Application created, if it carries the finalizer that asks for it, and then removes the finalizer. Objects
 * with `Delete=false` stay; `Delete=confirm` waits for a person.
 */
export function cascade(cluster: ClusterApi, app: Application): void {
  const { namespace = '', name, deletionTimestamp = '', finalizers = [] } = app.metadata;
  const finalizer = finalizers.find((given) => FINALIZER.test(given));
  if (!finalizer) return;
  const deletable = managed(cluster, name).filter((object) => !hasOption(object, 'Delete=false'));
  const isCareful = (object: KubernetesObject) =>
    hasOption(object, 'Delete=confirm') || app.spec.syncPolicy?.syncOptions?.includes('Delete=confirm');
  if (deletable.some(isCareful) && !isConfirmed(app, deletionTimestamp)) return;
  for (const object of [...deletable].reverse()) {
    if (!object.metadata.deletionTimestamp && cluster.get(refOf(object))) cluster.delete(refOf(object));
  }
  if (deletable.every((object) => !cluster.get(refOf(object)))) {
    cluster.removeFinalizer(applicationRef(namespace, name), finalizer);
  }
}
