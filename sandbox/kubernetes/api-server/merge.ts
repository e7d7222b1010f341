import { same } from '../../json';
import type { KubernetesObject, ManagedFields } from '../../world';

const MAPS = ['labels', 'annotations'] as const;

/** The object with the labels and annotations that others set, less those that an earlier apply set and this one left out. */
export function withOwnedLabels<T extends KubernetesObject>(existing: KubernetesObject | undefined, wanted: T): T {
  const owned = existing?.metadata.managedFields?.[0]?.fieldsV1['f:metadata'];
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
  const managed: ManagedFields = { manager: 'apply', operation: 'Apply', fieldsV1: { 'f:metadata': fields } };
  metadata.managedFields = [managed];
  return { ...wanted, metadata: withoutUndefined(metadata) };
}

/** What a write cannot change: identity, times and status of what is stored. */
export function carryOver<T extends KubernetesObject>(existing: T, wanted: T): T {
  const { uid, creationTimestamp, deletionTimestamp, generation, resourceVersion, managedFields } = existing.metadata;
  const next = {
    ...wanted,
    metadata: withoutUndefined({
      ...wanted.metadata,
      uid,
      creationTimestamp,
      deletionTimestamp,
      generation,
      resourceVersion,
      managedFields: wanted.metadata.managedFields ?? managedFields,
    }),
  };
  const stored = withStatus(next, existing['status']);
  return same(stored, existing) ? existing : stored;
}

/** The object with that status, or without one. */
export function withStatus<T extends KubernetesObject>(object: T, status: unknown): T {
  const next = { ...object };
  if (status === undefined) Reflect.deleteProperty(next, 'status');
  else Object.assign(next, { status });
  return next;
}

function withoutUndefined<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}
