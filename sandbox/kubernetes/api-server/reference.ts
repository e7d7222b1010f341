import type { KubernetesObject } from '../../world';
import type { ObjectRef } from './api';

/** The name that the API knows an object by. */
export function refOf({ apiVersion, kind, metadata: { namespace, name } }: KubernetesObject): ObjectRef {
  const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
  return { group, kind, ...(namespace ? { namespace } : {}), name };
}
