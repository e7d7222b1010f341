import type { Json } from '../json';
import type { Check } from './problem';

/** Lists of a kind that are compared as a whole, and what the API server fills into each of their items. */
interface Defaulted {
  readonly list: string;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}

/** Sources: Kubernetes' API reference (listType=atomic); the CRDs of CloudNativePG, whose lists have no type either. */
const DEFAULTED: Readonly<Record<string, readonly Defaulted[]>> = {
  'apps/v1 StatefulSet': [
    {
      list: 'spec.volumeClaimTemplates',
      fields: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', 'spec.volumeMode': 'Filesystem' },
    },
  ],
  'postgresql.cnpg.io/v1 Cluster': [
    { list: 'spec.managed.roles', fields: { connectionLimit: -1, ensure: 'present', inherit: true } },
  ],
  'postgresql.cnpg.io/v1 Database': [
    { list: 'spec.extensions', fields: { ensure: 'present' } },
    { list: 'spec.schemas', fields: { ensure: 'present' } },
  ],
};

/**
 * Items of atomic lists have every field that the API server would fill in: Argo CD compares such a list as a whole, so that
 * one default makes the Application OutOfSync for ever.
 */
export const defaults: Check = (objects) =>
  objects.flatMap((object) =>
    (DEFAULTED[`${object.apiVersion} ${object.kind}`] ?? []).flatMap(({ list, fields }) =>
      ((valueAt(object, list) ?? []) as Json[]).flatMap((item, index) =>
        Object.entries(fields)
          .filter(([field]) => valueAt(item, field) === undefined)
          .map(([field, value]) => ({
            object,
            path: `${list}[${index}].${field}`,
            wrong: 'it is missing, and the API server fills it in',
            fix: `write ${value}, or Argo CD never finds the list as it is in Git`,
          })),
      ),
    ),
  );

function valueAt(object: Json, path: string): unknown {
  return path.split('.').reduce((value, key) => value?.[key], object);
}
