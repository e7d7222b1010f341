import type { KubernetesObject } from '../world';
import type { Cluster } from './cluster';
import { refOf } from './reference';

/** Takes away what is being deleted and nothing holds any more, and deletes what such objects own or contain. */
export function sweep(cluster: Cluster): void {
  for (let found = true; found; ) {
    found = false;
    for (const object of Object.values(cluster.data.objects)) {
      if (!object.metadata.deletionTimestamp || !(refIsStored(cluster, object) === object)) continue;
      const content = contentOf(cluster, object);
      for (const inner of content) found = mark(cluster, inner) || found;
      if (content.length || object.metadata.finalizers?.length) continue;
      cluster.drop(object);
      for (const owned of ownedBy(cluster, object)) found = mark(cluster, owned) || found;
      found = true;
    }
  }
  for (const namespace of cluster.stored('', 'Namespace')) {
    if (namespace.metadata.deletionTimestamp) explain(cluster, namespace);
  }
}

function refIsStored(cluster: Cluster, object: KubernetesObject): KubernetesObject | undefined {
  const { group, kind, namespace, name } = refOf(object);
  return cluster.data.objects[`${group}/${kind}/${namespace ?? ''}/${name}`];
}

/** Marks for deletion; false when it was marked before. */
function mark(cluster: Cluster, object: KubernetesObject): boolean {
  if (object.metadata.deletionTimestamp) return false;
  const deletionTimestamp = cluster.world.clock.iso();
  cluster.store({ ...object, metadata: { ...object.metadata, deletionTimestamp } }, 'MODIFIED');
  return true;
}

/** What must go before the object itself can: everything in a namespace, all objects of a custom kind. */
function contentOf(cluster: Cluster, object: KubernetesObject): KubernetesObject[] {
  if (object.kind === 'CustomResourceDefinition') return cluster.instancesOf(object);
  if (object.kind !== 'Namespace') return [];
  return Object.values(cluster.data.objects).filter((inner) => inner.metadata.namespace === object.metadata.name);
}

function ownedBy(cluster: Cluster, { metadata: { uid } }: KubernetesObject): KubernetesObject[] {
  return Object.values(cluster.data.objects).filter((object) => {
    const owners = object.metadata.ownerReferences ?? [];
    if (object.kind === 'Event') return (object['involvedObject'] as { uid?: string } | undefined)?.uid === uid;
    return owners.length > 0 && owners.every((owner) => owner.uid === uid || !isAlive(cluster, owner.uid));
  });
}

function isAlive(cluster: Cluster, uid: string): boolean {
  return Object.values(cluster.data.objects).some((object) => object.metadata.uid === uid);
}

/** Says in a terminating namespace's status what keeps it. */
function explain(cluster: Cluster, namespace: KubernetesObject): void {
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
