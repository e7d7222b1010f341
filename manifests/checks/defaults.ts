import type { Json } from '../json';
import type { Check } from './problem';

/** Lists of a kind that are compared as a whole, and the defaults that the API server adds to each item. */
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
 * Items of atomic lists have every field that the API server would default: Argo CD compares these lists as a whole, so a single
 * default makes the Application OutOfSync forever.
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
            wrong: 'missing, and the API server adds a default',
            fix: `write ${value}: otherwise the Application is always OutOfSync`,
          })),
      ),
    ),
  );

function valueAt(object: Json, path: string): unknown {
  return path.split('.').reduce((value, key) => value?.[key], object);
}
