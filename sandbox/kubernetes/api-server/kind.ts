import type { KubernetesObject } from '../../world';

/** A kind whose objects have a known type. `type` is never set: it only carries the type. */
export interface Kind<T extends KubernetesObject = KubernetesObject> {
  readonly group: string;
  readonly kind: string;
  readonly type?: T;
}

/** Names a kind with the type of its objects. @param group - '' for the core group */
export function kindOf<T extends KubernetesObject>(group: string, kind: string): Kind<T> {
  return { group, kind };
}

/** Whether an object is of a kind, and thereby of its type. */
export function isOf<T extends KubernetesObject>({ group, kind }: Kind<T>, object: KubernetesObject): object is T {
  const [ofGroup = ''] = object.apiVersion.includes('/') ? object.apiVersion.split('/') : [''];
  return object.kind === kind && ofGroup === group;
}
