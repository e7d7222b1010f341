import type { AnyObject } from '../../world';

/** A kind whose objects have a known type. `type` is never set: it only carries the type. */
export interface Kind<T extends AnyObject = AnyObject> {
  readonly group: string;
  readonly kind: string;
  readonly type?: T;
}

/** Names a kind with the type of its objects. @param group - '' for the core group */
export function kindOf<T extends AnyObject>(group: string, kind: string): Kind<T> {
  return { group, kind };
}

/** Whether an object is of a kind, and thereby of its type. */
export function isOf<T extends AnyObject>({ group, kind }: Kind<T>, object: AnyObject): object is T {
  const [ofGroup = ''] = object.apiVersion.includes('/') ? object.apiVersion.split('/') : [''];
  return object.kind === kind && ofGroup === group;
}
