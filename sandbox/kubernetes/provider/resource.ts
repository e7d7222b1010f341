import { type Context, ProviderError, type ResourceBehaviour, TaintedError } from '../../protocol/behaviour';
import type { Values } from '../../protocol/values';
import type { KubernetesObject } from '../../world';
import type { ClusterApi, ObjectRef } from '../api-server/api';
import { toSeconds } from '../api-server/duration';
import { DURATIONS } from '../api-server/durations';
import { waitUntil } from '../api-server/wait';
import { only, overlay, text, toObject } from './blocks';
import { type ClusterSource, call, connect } from './connection';

/** A resource of the kubernetes provider: what its schema does not say. */
export interface KubernetesResource {
  /** With its aliases, all with the same schema: `kubernetes_namespace_v1`, `kubernetes_namespace`. */
  readonly types: readonly string[];
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Everything of the object except metadata. @default `spec` and its like by the generic mapping */
  readonly content?: (values: Values) => Record<string, unknown>;
  /** Attributes except metadata, as they are now. @default the generic mapping, back */
  readonly show?: (prior: Values, object: KubernetesObject) => Values;
  /** Waits until the object is ready. @throws ProviderError when it does not. */
  readonly ready?: (
    cluster: ClusterApi,
    ref: ObjectRef,
    values: Values,
    operation: 'create' | 'update',
  ) => Promise<void>;
  /** Prefix of refusals: `Failed to create deployment: `. */
  readonly noun?: string;
  /** Seconds that deletion may take. @default 300 */
  readonly deleteTimeout?: number;
  /** Seconds that deletion takes at least. @default 0 */
  readonly ends?: number;
}

/** Makes the behaviours of a resource's types out of its description. */
export function defineResource(clusters: ClusterSource, spec: KubernetesResource): ResourceBehaviour[] {
  return spec.types.map((type) => behaviour(clusters, spec, type));
}

function behaviour(clusters: ClusterSource, spec: KubernetesResource, type: string): ResourceBehaviour {
  const { apiVersion, kind } = spec;
  const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
  const refOfKey = (key: string): ObjectRef => {
    const [namespace = '', name] = key.split('/');
    return name === undefined ? { group, kind, name: namespace } : { group, kind, namespace, name };
  };
  const keyOf = ({ metadata: { namespace, name } }: KubernetesObject) =>
    spec.namespaced ? `${namespace}/${name}` : name;
  const open = (context: Context, ref: ObjectRef) =>
    connect(clusters, context, `Get "/api/v1/${ref.kind.toLowerCase()}s/${ref.name}"`);
  const shown = (values: Values, object: KubernetesObject): Values => ({
    ...values,
    ...(spec.show ?? showContent)(values, object),
    metadata: [metadataOf(only(values, 'metadata'), object)],
    id: keyOf(object),
  });

  return {
    type,
    recomputed: ['metadata.generation', 'metadata.resource_version'],
    arguments: {},

    async create(planned, context) {
      const object = objectOf(spec, planned);
      const ref = { group, kind, namespace: object.metadata.namespace, name: object.metadata.name };
      const cluster = open(context, ref);
      const made = call(cluster, 'Post', { ...ref, name: '' }, () => cluster.create(object), prefix(spec, 'create'));
      const own = { ...ref, name: made.metadata.name };
      const created = () => ({ key: keyOf(made), values: shown(planned, cluster.get(own) ?? made) });
      await spec.ready?.(cluster, own, planned, 'create').catch((error: unknown) => {
        throw error instanceof ProviderError ? new TaintedError(error, created()) : error;
      });
      return created();
    },

    async read(key, prior, context) {
      const ref = refOfKey(key);
      const cluster = open(context, ref);
      const object = call(cluster, 'Get', ref, () => cluster.get(ref));
      return object ? shown(prior, object) : null;
    },

    async update(key, _prior, planned, context) {
      const ref = refOfKey(key);
      const cluster = open(context, ref);
      const object = objectOf(spec, planned);
      call(cluster, 'Patch', ref, () => cluster.apply(object), prefix(spec, 'update'));
      await spec.ready?.(cluster, ref, planned, 'update');
      return shown(planned, cluster.get(ref) ?? object);
    },

    async delete(key, prior, context) {
      const ref = refOfKey(key);
      const cluster = open(context, ref);
      if (!call(cluster, 'Get', ref, () => cluster.get(ref))) return;
      call(cluster, 'Delete', ref, () => cluster.delete(ref));
      await context.world.clock.sleep(spec.ends ?? 0);
      await untilGone(cluster, ref, timeoutOf(prior, 'delete', spec.deleteTimeout ?? 300));
    },

    async import(id, context) {
      const ref = refOfKey(id);
      const cluster = open(context, ref);
      const object = call(cluster, 'Get', ref, () => cluster.get(ref));
      return object ? { key: id, values: { id, metadata: [importedMetadata(object)] } } : null;
    },
  };
}

/** Waits until an object is gone. @param timeout - seconds of simulated time. @throws ProviderError with the real provider's message. */
export async function untilGone(cluster: ClusterApi, ref: ObjectRef, timeout: number): Promise<void> {
  const isGone = await until(cluster, timeout, () => !cluster.get(ref));
  if (isGone) return;
  const left = cluster.get(ref);
  const why = (left?.['status'] as { conditions?: { message?: string }[] } | undefined)?.conditions?.[0]?.message;
  const minutes = `${Math.floor(timeout / 60)}m${timeout % 60}s`;
  const held = why ?? `finalizers: ${(left?.metadata.finalizers ?? []).join(', ') || 'none'}`;
  throw new ProviderError(
    `timeout while waiting for resource to be gone (last state: 'Terminating', timeout: ${minutes})`,
    `${ref.kind} ${ref.name}: ${held}`,
  );
}

/** Waits as terraform-plugin-sdk does: pauses double. False when it does not hold within `timeout` seconds. */
export function until(cluster: ClusterApi, timeout: number, holds: () => boolean): Promise<boolean> {
  const { low, high } = DURATIONS['wait for an object'];
  return waitUntil(cluster, timeout, (passed) => Math.min(high, passed + low), holds);
}

/** Seconds of a timeout in the `timeouts` block, such as `10m` or `1h30m`. */
export function timeoutOf(values: Values, operation: string, byDefault: number): number {
  const given = text(only(values, 'timeouts'), operation);
  return given ? toSeconds(given) : byDefault;
}

function objectOf(spec: KubernetesResource, values: Values): KubernetesObject {
  const { generation: _, resource_version: __, uid: ___, ...metadata } = only(values, 'metadata');
  const { id: ____, ...rest } = (spec.content ?? contentOf)(values);
  return {
    apiVersion: spec.apiVersion,
    kind: spec.kind,
    metadata: toObject(metadata) as unknown as KubernetesObject['metadata'],
    ...rest,
  };
}

function contentOf(values: Values): Record<string, unknown> {
  return { spec: toObject(only(values, 'spec'), 'spec') };
}

function showContent(prior: Values, object: KubernetesObject): Values {
  return prior['spec'] ? { spec: [overlay(only(prior, 'spec'), object['spec'], 'spec')] } : {};
}

function metadataOf(prior: Values, object: KubernetesObject): Values {
  const { name, namespace, uid, resourceVersion, generation } = object.metadata;
  return {
    ...overlay(prior, object.metadata),
    name,
    ...(namespace && 'namespace' in prior ? { namespace: prior['namespace'] === null ? null : namespace } : {}),
    uid: uid ?? '',
    resource_version: resourceVersion ?? '',
    generation: generation ?? 0,
  };
}

function importedMetadata(object: KubernetesObject): Values {
  const { name, namespace, labels = {}, annotations = {} } = object.metadata;
  const own = (map: Record<string, string>) => {
    // The real provider leaves out what Kubernetes itself writes.
    const kept = Object.entries(map).filter(([key]) => !/(^|\.)kubernetes\.io\//.test(key));
    return kept.length ? Object.fromEntries(kept) : null;
  };
  const all = { name, labels: own(labels), annotations: own(annotations), ...(namespace ? { namespace } : {}) };
  return { ...metadataOf(all, object), ...all };
}

function prefix(spec: KubernetesResource, operation: string): string {
  return spec.noun ? `Failed to ${operation} ${spec.noun}: ` : '';
}
