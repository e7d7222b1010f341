import { messageOf } from '../../errors';
import { fieldOf } from '../../json';
import { type Context, ProviderError, type ResourceBehaviour } from '../../protocol/behaviour';
import { knownOnly } from '../../protocol/planned';
import { equal, hasUnknown, isObject, setOf, type Value, type Values } from '../../protocol/values';
import type { KubernetesObject } from '../../world';
import type { ClusterApi, ObjectRef } from '../api-server/api';
import { kindOf } from '../api-server/kind';
import { splitApiVersion } from '../api-server/kinds';
import type { WorkloadStatus } from '../api-server/objects';
import { refTo } from '../api-server/reference';
import { kindSchemaOf } from '../api-server/structural-schema';
import { converted } from '../schemas/convert';
import { decodedPath, undeclared } from '../schemas/refusal';
import { only, text } from './blocks';
import { type ClusterSource, call, connect, refOfManifest } from './connection';
import { timeoutOf, until, untilGone } from './resource';

const NOT_RECOGNIZED = 'API did not recognize GroupVersionKind from manifest (CRD may not be installed)';

/** `kubernetes_manifest`: any object. Like the real one it needs the API, and the kind's CRD, at plan already. */
export function manifestResource(clusters: ClusterSource): ResourceBehaviour {
  const open = (context: Context, group: string) =>
    connect(clusters, context, `Get "/${group ? 'apis' : 'api'}?timeout=32s"`);

  return {
    type: 'kubernetes_manifest',
    recomputed: ['object'],
    arguments: {
      manifest: 'in-place',
      'manifest.apiVersion': 'replace',
      'manifest.kind': 'replace',
      'manifest.metadata.name': 'replace',
      'manifest.metadata.namespace': 'replace',
      computed_fields: 'in-place',
      field_manager: 'in-place',
      wait: 'in-place',
      wait_for: 'in-place',
    },

    plan(planned, prior, context) {
      const manifest = planned['manifest'];
      if (!isObject(manifest)) return planned;
      const { apiVersion, kind } = manifest;
      if (typeof apiVersion !== 'string' || typeof kind !== 'string') return planned;
      const { group } = splitApiVersion(apiVersion);
      const cluster = open(context, group);
      recognise(cluster, apiVersion, kind);
      const namespaced = cluster.kind(group, kind)?.namespaced;
      const namespace = asMap(manifest['metadata'])['namespace'];
      if (namespaced && (namespace === undefined || namespace === null)) {
        throw new ProviderError(
          `Namespace required`,
          `Resources of type '${apiVersion}, Kind=${kind}' require a namespace: set manifest.metadata.namespace`,
        );
      }
      refuseUndeclared(cluster, manifest);
      // An object that was created elsewhere is refused at plan too, unless it is in the state already.
      const isKnown = !hasUnknown(manifest['metadata'] ?? null);
      if (!prior && isKnown && cluster.get(refOfManifest(manifest))) {
        throw new ProviderError(
          'Cannot create resource that already exists',
          `resource "${keyOf(manifest)}" already exists`,
        );
      }
      return planned;
    },

    async create(planned, context) {
      const manifest = asMap(planned['manifest']);
      const ref = refOfManifest(manifest);
      const cluster = open(context, ref.group);
      write(cluster, manifest, ref);
      await waitFor(cluster, ref, planned, 'create');
      return { key: keyOf(manifest), values: { ...planned, object: manifest } };
    },

    async read(_key, prior, context) {
      const manifest = asMap(prior['manifest']);
      const ref = refOfManifest(manifest);
      const cluster = open(context, ref.group);
      const object = call(cluster, 'Get', ref, () => cluster.get(ref));
      if (!object) return null;
      const shown = asManifest(manifest, object, prior['computed_fields']);
      // The same value keeps its exact types.
      return equal(shown, manifest) ? prior : { ...prior, manifest: shown, object: shown };
    },

    async update(_key, _prior, planned, context) {
      const manifest = asMap(planned['manifest']);
      const ref = refOfManifest(manifest);
      const cluster = open(context, ref.group);
      write(cluster, manifest, ref);
      await waitFor(cluster, ref, planned, 'update');
      return { ...planned, object: manifest };
    },

    async delete(_key, prior, context) {
      const ref = refOfManifest(asMap(prior['manifest']));
      const cluster = open(context, ref.group);
      if (!call(cluster, 'Get', ref, () => cluster.get(ref))) return;
      call(cluster, 'Delete', ref, () => cluster.delete(ref));
      await untilGone(cluster, ref, timeoutOf(prior, 'delete', 600));
    },
  };
}

function recognise(cluster: ClusterApi, apiVersion: string, kind: string): void {
  const { group, version } = splitApiVersion(apiVersion);
  try {
    cluster.assertAnswers();
  } catch (error) {
    const url = `https://${cluster.host.address}:6443/${group ? 'apis' : 'api'}?timeout=32s`;
    throw new ProviderError(NOT_RECOGNIZED, `Get "${url}": ${messageOf(error)}`);
  }
  const known = cluster.kind(group, kind);
  if (!known) throw new ProviderError(NOT_RECOGNIZED, `no matches for kind "${kind}" in group "${group}"`);
  if (!known.versions.includes(version)) {
    throw new ProviderError(NOT_RECOGNIZED, `no matches for kind "${kind}" in version "${apiVersion}"`);
  }
}

/** Source: `PlanResourceChange` and the folder `morph` of kubernetes 2.38.0. */
function refuseUndeclared(cluster: ClusterApi, manifest: Values): void {
  const object = objectOf(cluster, manifest);
  const schema = kindSchemaOf(cluster, object);
  const problems = schema ? undeclared(schema, object) : [];
  if (problems.length === 0) return;
  const lines = problems.map(({ at, expected }) =>
    expected
      ? `object.${decodedPath(at)}: required type ${expected.type ?? 'string or number'}`
      : `Attribute not found in schema: Unable to find schema type for attribute: object.${decodedPath(at)}`,
  );
  throw new ProviderError('Manifest configuration incompatible with resource schema', lines.join('\n'));
}

/** The object of a manifest, known values only, in which the provider has converted texts and numbers to what the schema has. */
function objectOf(cluster: ClusterApi, manifest: Values): KubernetesObject {
  const object = withoutNulls(knownOnly(manifest)) as unknown as KubernetesObject;
  const schema = kindSchemaOf(cluster, object);
  return schema ? converted(schema, object) : object;
}

function write(cluster: ClusterApi, manifest: Values, ref: ObjectRef): void {
  const what = `PATCH for resource "${keyOf(manifest)}" failed to apply: `;
  call(cluster, 'Patch', ref, () => cluster.apply(objectOf(cluster, manifest)), what);
}

/** An object that terraform waits for: what its kind has of this. */
type Waited = KubernetesObject<object, WorkloadStatus>;

async function waitFor(cluster: ClusterApi, ref: ObjectRef, planned: Values, operation: string): Promise<void> {
  const wait = only(planned, 'wait');
  const fields = { ...asMap(wait['fields']), ...asMap(asBlock(planned['wait_for'])['fields']) };
  const conditions = (Array.isArray(wait['condition']) ? wait['condition'] : []).filter(isObject);
  if (!Object.keys(fields).length && !conditions.length && wait['rollout'] !== true) return;
  const isMet = () => {
    const object = cluster.get(refTo(kindOf<Waited>(ref.group, ref.kind), ref.name, ref.namespace));
    const { conditions: has = [], ...status } = object?.status ?? {};
    const isRolledOut =
      status.observedGeneration === object?.metadata.generation && status.readyReplicas === status.replicas;
    return (
      Object.entries(fields).every(([path, pattern]) => matches(valueAt(object, path), String(pattern))) &&
      conditions.every((wanted) =>
        has.some((one) => one.type === text(wanted, 'type') && one.status === (text(wanted, 'status') || 'True')),
      ) &&
      (wait['rollout'] !== true || isRolledOut)
    );
  };
  if (await until(cluster, timeoutOf(planned, operation, 600), isMet)) return;
  throw new ProviderError(
    'Operation timed out',
    `Terraform timed out waiting on the operation to complete: ${ref.kind} ${ref.name}`,
  );
}

/** The manifest with the values that the object has now. What the API server and others add is not shown. */
function asManifest(manifest: Values, object: KubernetesObject, computedFields: Value | undefined): Values {
  const computed = Array.isArray(computedFields)
    ? computedFields.map(String)
    : ['metadata.labels', 'metadata.annotations'];
  const show = (before: Value, now: unknown, path: string): Value => {
    if (before === null || computed.includes(path)) return before;
    if (isObject(before)) {
      if (typeof now !== 'object' || now === null) return (now ?? null) as Value;
      const current = now as Record<string, unknown>;
      return Object.fromEntries(
        Object.entries(before).map(([key, value]) => [key, show(value, current[key], path ? `${path}.${key}` : key)]),
      );
    }
    if (Array.isArray(before) && Array.isArray(now) && before.length === now.length) {
      return before.map((element, index) => show(element, now[index], `${path}[${index}]`));
    }
    return (now ?? null) as Value;
  };
  return show(manifest, object, '') as Values;
}

function keyOf(manifest: Values): string {
  const { namespace, name } = refOfManifest(manifest);
  return `apiVersion=${String(manifest['apiVersion'])},kind=${String(manifest['kind'])},${namespace ? `namespace=${namespace},` : ''}name=${name}`;
}

function valueAt(object: unknown, path: string): unknown {
  const keys = path
    .split(/\.|\[|\]/)
    .filter(Boolean)
    .map((key) => key.replace(/^["']|["']$/g, ''));
  return keys.reduce(fieldOf, object);
}

function matches(value: unknown, pattern: string): boolean {
  if (value === undefined || value === null) return false;
  return pattern === '*' || new RegExp(pattern).test(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

function withoutNulls(value: Value): Value {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value === 'bigint') return Number(value);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(setOf(value)).map(([key, inner]) => [key, withoutNulls(inner)]));
}

function asMap(value: Value | undefined): Values {
  return isObject(value) ? value : {};
}

function asBlock(value: Value | undefined): Values {
  return asMap(Array.isArray(value) ? value[0] : value);
}
