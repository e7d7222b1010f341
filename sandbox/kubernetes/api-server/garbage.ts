import type { KubernetesObject } from '../../world';
import type { ObjectStore } from './object-store';
import { NAMESPACES } from './objects';
import { refOf } from './reference';

/** Removes objects that are being deleted once nothing holds them, and deletes what they own or contain. */
export function sweep(cluster: ObjectStore): void {
  for (let found = true; found; ) {
    found = false;
    for (const [key, object] of Object.entries(cluster.data.objects)) {
      // What another one took along is gone, or marked, since.
      if (!object.metadata.deletionTimestamp || cluster.data.objects[key] !== object) continue;
      const content = contentOf(cluster, object);
      for (const inner of content) found = mark(cluster, inner) || found;
      if (content.length || object.metadata.finalizers?.length) continue;
      cluster.drop(object);
      for (const owned of ownedBy(cluster, object)) found = mark(cluster, owned) || found;
      found = true;
    }
  }
  for (const namespace of cluster.list(NAMESPACES)) {
    if (namespace.metadata.deletionTimestamp) explain(cluster, namespace);
  }
}

/** Marks for deletion; false when it was marked before. */
function mark(cluster: ObjectStore, object: KubernetesObject): boolean {
  if (object.metadata.deletionTimestamp) return false;
  const deletionTimestamp = cluster.world.clock.iso();
  cluster.store({ ...object, metadata: { ...object.metadata, deletionTimestamp } }, 'MODIFIED');
  return true;
}

/** What must go before the object itself can: everything in a namespace, all objects of a custom kind. */
function contentOf(cluster: ObjectStore, object: KubernetesObject): KubernetesObject[] {
  if (object.kind === 'CustomResourceDefinition') return cluster.instancesOf(object);
  if (object.kind !== 'Namespace') return [];
  return Object.values(cluster.data.objects).filter((inner) => inner.metadata.namespace === object.metadata.name);
}

function ownedBy(cluster: ObjectStore, { metadata: { uid } }: KubernetesObject): KubernetesObject[] {
  return Object.values(cluster.data.objects).filter((object) => {
    const owners = object.metadata.ownerReferences ?? [];
    if (object.kind === 'Event') return (object['involvedObject'] as { uid?: string } | undefined)?.uid === uid;
    return owners.length > 0 && owners.every((owner) => owner.uid === uid || !isAlive(cluster, owner.uid));
  });
}

function isAlive(cluster: ObjectStore, uid: string): boolean {
  return Object.values(cluster.data.objects).some((object) => object.metadata.uid === uid);
}

/** Says in a terminating namespace's status what keeps it. */
function explain(cluster: ObjectStore, namespace: KubernetesObject): void {
  const held = contentOf(cluster, namespace).flatMap((object) => object.metadata.finalizers ?? []);
  const counts = [...new Set(held)].map(
    (name) => `${name} in ${held.filter((other) => other === name).length} resource instances`,
  );
  const condition = {
    type: 'NamespaceFinalizersRemaining',
    status: 'True',
    reason: 'SomeFinalizersRemain',
    message: `Some content in the namespace has finalizers remaining: ${counts.join(', ')}`,
  };
  cluster.setStatus(refOf(namespace), { phase: 'Terminating', conditions: counts.length ? [condition] : [] });
}
