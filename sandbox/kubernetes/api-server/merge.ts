import type { KubernetesObject } from '../../world';
import { same } from './same';

const MAPS = ['labels', 'annotations'] as const;

/** What `apply` owns of an object's labels and annotations, in the form of metadata.managedFields. */
interface Managed {
  readonly manager: string;
  readonly operation: 'Apply';
  readonly fieldsV1: { readonly 'f:metadata': Record<string, Record<string, object>> };
}

/** The object with the labels and annotations that others set, less those that an earlier apply set and this one left out. */
export function withOwnedLabels(existing: KubernetesObject | undefined, wanted: KubernetesObject): KubernetesObject {
  const owned = (existing?.metadata['managedFields'] as Managed[] | undefined)?.[0]?.fieldsV1['f:metadata'];
  const metadata = { ...wanted.metadata };
  const fields: Record<string, Record<string, object>> = {};
  for (const map of MAPS) {
    const others = Object.entries(existing?.metadata[map] ?? {}).filter(([key]) => !owned?.[`f:${map}`]?.[`f:${key}`]);
    const merged = { ...Object.fromEntries(others), ...wanted.metadata[map] };
    if (Object.keys(merged).length) metadata[map] = merged;
    fields[`f:${map}`] = Object.fromEntries(Object.keys(wanted.metadata[map] ?? {}).map((key) => [`f:${key}`, {}]));
  }
  metadata.finalizers ??= existing?.metadata.finalizers;
  metadata.ownerReferences ??= existing?.metadata.ownerReferences;
  const managed: Managed = { manager: 'apply', operation: 'Apply', fieldsV1: { 'f:metadata': fields } };
  metadata['managedFields'] = [managed];
  return { ...wanted, metadata: withoutUndefined(metadata) };
}

/** What a write cannot change: identity, times and status of what is stored. */
export function carryOver(existing: KubernetesObject, wanted: KubernetesObject): KubernetesObject {
  const { uid, creationTimestamp, deletionTimestamp, generation, resourceVersion, managedFields } = existing.metadata;
  const next: KubernetesObject = {
    ...wanted,
    metadata: withoutUndefined({
      ...wanted.metadata,
      uid,
      creationTimestamp,
      deletionTimestamp,
      generation,
      resourceVersion,
      managedFields: wanted.metadata['managedFields'] ?? managedFields,
    }),
  };
  if ('status' in existing) next['status'] = existing['status'];
  else delete next['status'];
  return same(next, existing) ? existing : next;
}

function withoutUndefined<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}
