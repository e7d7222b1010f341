import type { KubernetesObject } from '../../world';
import type { ClusterApi, ObjectRef } from '../api-server/api';
import { DEFINITIONS, type StructuralSchema } from '../api-server/definition';
import { isOf } from '../api-server/kind';
import { NAMESPACES, SECRETS } from '../api-server/objects';
import { refOf, refTo } from '../api-server/reference';
import { schemaOf } from '../api-server/structural-schema';
import {
  type Application,
  hasOption,
  type Ignored,
  type ResourceStatus,
  track,
  trackedBy,
  trackingId,
} from './application';
import { healthOf } from './health';
import type { Build } from './render';

/** Order in which Argo CD applies kinds within a wave; all others come after. */
const KIND_ORDER = [
  ...['Namespace', 'NetworkPolicy', 'ResourceQuota', 'LimitRange', 'PodDisruptionBudget', 'ServiceAccount', 'Secret'],
  ...[
    'ConfigMap',
    'StorageClass',
    'PersistentVolume',
    'PersistentVolumeClaim',
    'CustomResourceDefinition',
    'ClusterRole',
  ],
  ...[
    'ClusterRoleBinding',
    'Role',
    'RoleBinding',
    'Service',
    'DaemonSet',
    'Pod',
    'ReplicaSet',
    'Deployment',
    'StatefulSet',
  ],
  ...['Job', 'CronJob', 'Ingress', 'APIService'],
];

const HOOK = 'argocd.argoproj.io/hook';

/** An object that Git asks for, with its namespace and tracking mark. */
export interface Desired {
  readonly object: KubernetesObject;
  readonly ref: ObjectRef;
  readonly namespaced: boolean;
  /** Whether the API serves its kind, or will once this sync has put its CRD in. */
  readonly known: boolean;
  readonly wave: number;
}

/** What Git asks for compared with what exists. */
export interface Comparison {
  /** In the order of applying. */
  readonly desired: readonly Desired[];
  /** What this Application created and Git no longer asks for. */
  readonly extra: readonly KubernetesObject[];
  readonly resources: readonly ResourceStatus[];
  readonly status: 'Synced' | 'OutOfSync';
  /** Objects that another Application says are its own. */
  readonly shared: readonly string[];
}

/** Compares a build with the cluster. @throws Error when the build holds a sync hook. */
export function compare(cluster: ClusterApi, app: Application, build: Build): Comparison {
  const desired = build.objects
    .filter((object) => object.metadata.annotations?.[HOOK] !== 'Skip')
    .map((object) => want(cluster, app, build, object))
    .sort(inOrder);
  const ids = new Set(desired.map(({ ref }) => trackingId(app.metadata.name, ref)));
  const extra = managed(cluster, app.metadata.name).filter((object) => !ids.has(trackedBy(object) ?? ''));
  const shared: string[] = [];
  const resources = [
    ...desired.map(({ object, ref }): ResourceStatus => {
      const live = cluster.get(ref);
      const owner = live && trackedBy(live)?.split(':')[0];
      if (owner && owner !== app.metadata.name) {
        shared.push(`${ref.kind}/${ref.name} is part of applications ${app.metadata.name} and ${owner}`);
      }
      const same = live && differs(app, object, live, listsOf(cluster, app, object)) === undefined;
      return status(cluster, object, live, same ? 'Synced' : 'OutOfSync');
    }),
    ...extra.map(
      (object): ResourceStatus => ({ ...status(cluster, object, object, 'OutOfSync'), requiresPruning: true }),
    ),
  ];
  const isSynced = resources.every((resource) => resource.status === 'Synced');
  return { desired, extra, resources, status: isSynced ? 'Synced' : 'OutOfSync', shared };
}

/** The destination namespace, when it is missing and the Application wants it created. It stays unmarked. */
export function missingNamespace(cluster: ClusterApi, app: Application, { desired }: Comparison): Desired[] {
  const name = app.spec.destination.namespace;
  const isWanted = app.spec.syncPolicy?.syncOptions?.includes('CreateNamespace=true');
  if (!isWanted || !name || cluster.get(refTo(NAMESPACES, name))) return [];
  if (desired.some(({ ref }) => ref.kind === 'Namespace' && ref.name === name)) return [];
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  const wave = Math.min(0, ...desired.map((one) => one.wave));
  return [{ object, ref: refOf(object), namespaced: false, known: true, wave }];
}

/** Everything in the cluster that carries an Application's own tracking mark. */
export function managed(cluster: ClusterApi, app: string): KubernetesObject[] {
  return Object.values(cluster.data.objects).filter((object) => trackedBy(object) === trackingId(app, refOf(object)));
}

function status(
  cluster: ClusterApi,
  object: KubernetesObject,
  live: KubernetesObject | undefined,
  sync: ResourceStatus['status'],
): ResourceStatus {
  const health = live ? healthOf(live, cluster) : { status: 'Missing' as const };
  const version = object.apiVersion.split('/').at(-1) ?? '';
  return { ...refOf(object), version, status: sync, ...(health ? { health } : {}) };
}

function want(cluster: ClusterApi, app: Application, build: Build, given: KubernetesObject): Desired {
  const { group, kind, name } = refOf(given);
  if (given.metadata.annotations?.[HOOK])
    throw new Error(`the sandbox does not simulate sync hooks: ${kind}/${name} is one`);
  const served = cluster.kind(group, kind);
  const crd = build.objects
    .flatMap((object) => (isOf(DEFINITIONS, object) ? [object.spec] : []))
    .find((spec) => spec.group === group && spec.names.kind === kind);
  const namespaced = served?.namespaced ?? crd?.scope !== 'Cluster';
  const namespace = namespaced ? given.metadata.namespace || app.spec.destination.namespace : undefined;
  const { namespace: _, ...metadata } = given.metadata;
  const object = asStored({ ...given, metadata: { ...metadata, ...(namespace ? { namespace } : {}) } });
  const ref = refOf(object);
  const wave = Number(given.metadata.annotations?.['argocd.argoproj.io/sync-wave'] ?? 0);
  const known = Boolean(served || crd) || hasOption(given, 'SkipDryRunOnMissingResource=true');
  return { object: track(object, trackingId(app.metadata.name, ref)), ref, namespaced, known, wave };
}

/** A Secret as the API keeps it: plain strings become base64 data. */
function asStored(object: KubernetesObject): KubernetesObject {
  if (!isOf(SECRETS, object) || !object.stringData) return object;
  const { stringData, ...rest } = object;
  const entries = Object.entries(stringData);
  const data = Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(String(value)).toString('base64')]));
  return { ...rest, data: { ...object.data, ...data } };
}

function inOrder(a: Desired, b: Desired): number {
  const rank = ({ ref }: Desired) => (KIND_ORDER.indexOf(ref.kind) + KIND_ORDER.length + 1) % (KIND_ORDER.length + 1);
  return a.wave - b.wave || rank(a) - rank(b) || a.ref.name.localeCompare(b.ref.name);
}

/**
 * The schema by which lists are compared: an atomic one as a whole, what the server filled into its items included. Undefined
 * where what only the live object has does not count.
 *
 * Argo CD knows the lists of built-in kinds by server-side apply alone; with a dry run of the server (`ServerSideDiff=true`)
 * both sides have the same defaults. Source: gitops-engine, pkg/diff/diff.go, structuredMergeDiff and serverSideDiff.
 */
function listsOf(cluster: ClusterApi, app: Application, object: KubernetesObject): StructuralSchema | undefined {
  const options = app.metadata.annotations?.['argocd.argoproj.io/compare-options']?.split(',') ?? [];
  if (options.includes('ServerSideDiff=true')) return undefined;
  const isServerSide =
    app.spec.syncPolicy?.syncOptions?.includes('ServerSideApply=true') || hasOption(object, 'ServerSideApply=true');
  return object.kind === 'StatefulSet' && isServerSide ? STATEFUL_SET : schemaOf(cluster, object);
}

const ATOMIC: StructuralSchema = { type: 'array' };
const STATEFUL_SET: StructuralSchema = { properties: { spec: { properties: { volumeClaimTemplates: ATOMIC } } } };

/** The path of the first field that Git asks for and the cluster has otherwise, or undefined. */
function differs(
  app: Application,
  want: KubernetesObject,
  live: KubernetesObject,
  schema: StructuralSchema | undefined,
): string | undefined {
  const { kind, name, namespace } = refOf(want);
  const pointers = (app.spec.ignoreDifferences ?? [])
    .filter(
      (rule: Ignored) =>
        rule.kind === kind && (!rule.name || rule.name === name) && (!rule.namespace || rule.namespace === namespace),
    )
    .flatMap((rule) => rule.jsonPointers ?? []);
  const { labels, annotations } = want.metadata;
  const { status: _, metadata: __, ...rest } = want;
  const asked = { ...rest, metadata: { labels, annotations } };
  return difference(asked, live, { path: '', ignored: new Set(['/apiVersion', ...pointers]), schema });
}

/** Where a comparison is. */
interface Place {
  readonly path: string;
  readonly ignored: ReadonlySet<string>;
  readonly schema?: StructuralSchema | undefined;
  /** Within an atomic list: what only the live object has counts too. */
  readonly exact?: boolean;
}

function difference(want: unknown, live: unknown, place: Place): string | undefined {
  const { path, ignored, schema } = place;
  if (ignored.has(path) || isNothing(want)) return undefined;
  if (Array.isArray(want)) {
    if (!Array.isArray(live) || live.length !== want.length) return path;
    const exact = place.exact || (schema !== undefined && schema['x-kubernetes-list-type'] !== 'map');
    const at = (index: number) => ({ ...place, path: `${path}/${index}`, schema: schema?.items, exact });
    return first(want.map((value, index) => () => difference(value, live[index], at(index))));
  }
  if (typeof want === 'object' && want !== null) {
    if (typeof live !== 'object' || live === null) return Object.values(want).every(isNothing) ? undefined : path;
    const below = (key: string) => {
      const escaped = key.replaceAll('~', '~0').replaceAll('/', '~1');
      return { ...place, path: `${path}/${escaped}`, schema: schema?.properties?.[key] };
    };
    const added = Object.entries(live).find(([key, value]) => !(key in want || key === 'status' || isNothing(value)));
    if (place.exact && added) return below(added[0]).path;
    return first(
      Object.entries(want).map(
        ([key, value]) =>
          () =>
            difference(value, (live as never)[key], below(key)),
      ),
    );
  }
  return String(want) === String(live) ? undefined : path;
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);
}

function first<T>(attempts: readonly (() => T | undefined)[]): T | undefined {
  for (const attempt of attempts) {
    const result = attempt();
    if (result !== undefined) return result;
  }
  return undefined;
}
