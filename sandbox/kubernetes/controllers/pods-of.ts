import { createHash } from 'node:crypto';
import type { KubernetesObject } from '../../world';
import { ApiError, type ClusterApi } from '../api-server/api';
import { PODS } from '../api-server/objects';
import type { Pod, PodTemplate, Volume } from '../api-server/pod';
import { record } from './record';

/** Pods that an object controls, oldest name first. */
export function podsOf(cluster: ClusterApi, owner: KubernetesObject): Pod[] {
  return cluster
    .list(PODS, owner.metadata.namespace)
    .filter((pod) => pod.metadata.ownerReferences?.some((reference) => reference.uid === owner.metadata.uid))
    .sort((a, b) => a.metadata.name.localeCompare(b.metadata.name));
}

/** A short digest of a template: names the generation of pods created from it. */
export function hashOf(template: unknown): string {
  return createHash('sha1').update(JSON.stringify(template, sorted)).digest('hex').slice(0, 10);
}

/** Clients write the same object with its keys in any order. */
function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The owner reference of what a controller creates. */
export function ownerReference({ apiVersion, kind, metadata }: KubernetesObject) {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true, blockOwnerDeletion: true };
}

/** A pod to be created from a template. */
export interface PodRequest {
  readonly name: string;
  readonly labels?: Record<string, string>;
  readonly volumes?: readonly Volume[];
}

/** Makes a pod. Returns why it was refused, which also becomes an Event on its owner, or nothing. */
export function makePod(
  cluster: ClusterApi,
  owner: KubernetesObject,
  template: PodTemplate,
  request: PodRequest,
): string | undefined {
  const { volumes = [], name } = request;
  const labels = { ...template.metadata?.labels, ...request.labels };
  const own = template.spec.volumes?.filter((volume) => !volumes.some((other) => other.name === volume.name)) ?? [];
  const spec = { ...template.spec, ...(own.length + volumes.length ? { volumes: [...own, ...volumes] } : {}) };
  const metadata = {
    name,
    namespace: owner.metadata.namespace,
    labels,
    annotations: template.metadata?.annotations,
    ownerReferences: [ownerReference(owner)],
  };
  try {
    cluster.create({ apiVersion: 'v1', kind: 'Pod', metadata, spec });
    return undefined;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const message = `Error creating: ${error.message}`;
    record(cluster, owner, 'Warning', 'FailedCreate', message);
    return error.message;
  }
}
