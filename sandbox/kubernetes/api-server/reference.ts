import type { KubernetesObject } from '../../world';
import type { ObjectRef } from './api';
import type { Kind } from './kind';

/** The name that the API knows an object by. */
export function refOf<T extends KubernetesObject>({ apiVersion, kind, metadata }: T): ObjectRef<T> {
  const { namespace, name } = metadata;
  const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
  return { group, kind, ...(namespace ? { namespace } : {}), name };
}

/** Names an object of a kind. */
export function refTo<T extends KubernetesObject>(kind: Kind<T>, name: string, namespace?: string): ObjectRef<T> {
  return { ...kind, ...(namespace === undefined ? {} : { namespace }), name };
}
