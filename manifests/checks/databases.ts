import type { Json } from '../json';
import { containersOf, podsOf } from './pods';
import type { Check, Problem } from './problem';

/** Databases keep their data: at the path that PostgreSQL reads, with one replica, on volumes that outlive their claims. */
export const databases: Check = (objects) => [...mounts(objects), ...copies(objects), ...kept(objects)];

/**
 * PostgreSQL 18 images refuse a volume at `/var/lib/postgresql/data`.
 * Source: https://github.com/docker-library/docs/blob/master/postgres/content.md#pgdata
 */
function mounts(objects: readonly Json[]): Problem[] {
  const wanted = '/var/lib/postgresql';
  return podsOf(objects)
    .filter(({ object }) => object.kind === 'StatefulSet')
    .flatMap(serversOf(/\/(postgres|postgis):(1[89]|[2-9]\d)/))
    .filter(({ container }) => !container.volumeMounts?.some(({ mountPath }: Json) => mountPath === wanted))
    .map(({ object, container, path }) => ({
      object,
      path: `${path}.volumeMounts`,
      wrong: `got ${(container.volumeMounts ?? []).map(({ mountPath }: Json) => mountPath).join(', ') || 'none'}`,
      fix: `mount the volume at ${wanted}, the path that PostgreSQL 18 uses`,
    }));
}

/** Nothing replicates between the pods of a StatefulSet. */
function copies(objects: readonly Json[]): Problem[] {
  return podsOf(objects)
    .filter(({ object }) => object.kind === 'StatefulSet' && (object.spec.replicas ?? 1) > 1)
    .flatMap(serversOf(/\/(postgres|postgis):/))
    .map(({ object }) => ({
      object,
      path: 'spec.replicas',
      wrong: `got ${object.spec.replicas}`,
      fix: 'use 1: nothing replicates between the pods of a StatefulSet; use a CloudNativePG Cluster for more',
    }));
}

function kept(objects: readonly Json[]): Problem[] {
  return objects
    .filter(({ kind, reclaimPolicy }) => kind === 'StorageClass' && reclaimPolicy !== 'Retain')
    .map((object) => ({
      object,
      path: 'reclaimPolicy',
      wrong: `got ${object.reclaimPolicy}`,
      fix: 'use Retain: otherwise deleting the claim deletes the data',
    }));
}

/** The containers of a pod that run the image and listen on a port, not those that only use its tools. */
function serversOf(image: RegExp) {
  return (pod: ReturnType<typeof podsOf>[number]) =>
    containersOf(pod)
      .filter(({ container }) => container.ports?.length > 0 && image.test(container.image))
      .map((one) => ({ object: pod.object, ...one }));
}
