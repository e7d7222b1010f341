import type { KubernetesObject } from '../../world';
import { refOf } from '../api-server/reference';
import type { ResourceResult } from './application';

/** What became of one object in a sync. */
export function result(object: KubernetesObject, status: ResourceResult['status'], message: string): ResourceResult {
  const { group, kind, name, namespace = '' } = refOf(object);
  const version = object.apiVersion.split('/').at(-1) ?? '';
  const hookPhase = status === 'SyncFailed' ? 'Failed' : status === 'Synced' ? 'Running' : 'Succeeded';
  return { group, version, kind, namespace, name, status, message, hookPhase, syncPhase: 'Sync' };
}

/** Names objects in a message: the first, and how many more. */
export function names(objects: readonly KubernetesObject[]): string {
  const [head, ...rest] = objects
    .map(refOf)
    .map(({ group, kind, name }) => [group, kind, name].filter(Boolean).join('/'));
  return rest.length ? `${head} and ${rest.length} more resources` : (head ?? '');
}
