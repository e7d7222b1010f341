import { createHash } from 'node:crypto';
import { same } from '../../json';
import type { KubernetesObject } from '../../world';
import { ApiError, type ClusterApi } from '../api-server/api';
import type { Condition } from '../api-server/pod';

/** Writes an Event about an object, once for each reason and message, so that `kubectl describe` shows it. */
export function record(
  cluster: ClusterApi,
  about: KubernetesObject,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
): void {
  const { name, namespace = 'default', uid } = about.metadata;
  const digest = createHash('sha1').update(`${uid} ${reason} ${message}`).digest('hex').slice(0, 12);
  const ref = { group: '', kind: 'Event', namespace, name: `${name.slice(0, 230)}.${digest}` };
  if (cluster.get(ref)) return;
  const at = cluster.world.clock.iso();
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: ref.name, namespace },
    involvedObject: { apiVersion: about.apiVersion, kind: about.kind, name, namespace: about.metadata.namespace, uid },
    type,
    reason,
    message,
    count: 1,
    firstTimestamp: at,
    lastTimestamp: at,
    source: { component: 'sandbox' },
  };
  try {
    cluster.create(event);
  } catch (error) {
    // A namespace that is going takes no events any more.
    if (!(error instanceof ApiError)) throw error;
  }
}

/** Conditions with one of them set; its time moves only when its status does. */
export function withCondition(
  cluster: ClusterApi,
  conditions: readonly Condition[] | undefined,
  wanted: Condition,
): Condition[] {
  const old = conditions?.find((condition) => condition.type === wanted.type);
  const lastTransitionTime = old?.status === wanted.status ? old.lastTransitionTime : cluster.world.clock.iso();
  const next = { ...wanted, ...(lastTransitionTime ? { lastTransitionTime } : {}) };
  if (old && same(old, next)) return [...(conditions ?? [])];
  return [...(conditions ?? []).filter((condition) => condition.type !== wanted.type), next];
}
