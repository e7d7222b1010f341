import { messageOf } from '../errors';
import type { ClusterApi } from '../kubernetes/api-server/api';
import { refOf } from '../kubernetes/api-server/reference';
import { waitUntil } from '../kubernetes/api-server/wait';
import type { ChartFacts } from '../kubernetes/charts/chart';
import { type ReleaseName, renderChart } from '../kubernetes/charts/render';
import { type ChartValues, mergeValues } from '../kubernetes/charts/values';
import type { KubernetesObject } from '../world';
import {
  deleteRevision,
  fromManifest,
  keep,
  type ReleaseRecord,
  type ReleaseStatus,
  revisions,
  toManifest,
} from './record';

/** Seconds to fetch a chart and render it. An estimate. */
const FETCH_SECONDS = 4;
/** Seconds for a chart's pre-install hooks, each a Job with a pod. An estimate. */
const HOOK_SECONDS = 8;

/** How a release is to be installed or upgraded. */
export interface ReleaseRequest extends ReleaseName {
  readonly chart: ChartFacts;
  /** The user's values. */
  readonly values: ChartValues;
  readonly createNamespace: boolean;
  /** Whether to wait until its pods run. */
  readonly wait: boolean;
  /** Seconds to wait. */
  readonly timeout: number;
  /** Whether a failed installation is removed again. */
  readonly atomic: boolean;
  readonly skipCrds: boolean;
  /** Revisions to keep; 0 for all. */
  readonly maxHistory: number;
  readonly description: string;
}

/** The newest revision of a release, or undefined. */
export function findRelease(cluster: ClusterApi, release: ReleaseName): ReleaseRecord | undefined {
  return revisions(cluster, release).at(-1);
}

/**
 * Installs a chart as a new release.
 *
 * @throws Error with helm's message when the name is taken, the namespace is missing, an object belongs to another release, the
 * API refuses an object, or its pods do not run in time; in the last case the release stays behind as failed.
 */
export async function install(cluster: ClusterApi, request: ReleaseRequest): Promise<ReleaseRecord> {
  await cluster.world.clock.sleep(FETCH_SECONDS);
  if (findRelease(cluster, request)) throw new Error('cannot re-use a name that is still in use');
  if (!cluster.get({ group: '', kind: 'Namespace', name: request.namespace })) {
    if (!request.createNamespace)
      throw new Error(`create: failed to create: namespaces "${request.namespace}" not found`);
    cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: request.namespace } });
  }
  try {
    return await roll(cluster, request, undefined);
  } catch (error) {
    if (request.atomic && findRelease(cluster, request)) {
      await uninstall(cluster, request, { wait: false, timeout: request.timeout });
      throw new Error(
        `release ${request.name} failed, and has been uninstalled due to atomic being set: ${messageOf(error)}`,
      );
    }
    throw error;
  }
}

/** Upgrades a release; objects that are no longer rendered are deleted. Refuses as `install` does. */
export async function upgrade(cluster: ClusterApi, request: ReleaseRequest): Promise<ReleaseRecord> {
  await cluster.world.clock.sleep(FETCH_SECONDS);
  const current = findRelease(cluster, request);
  if (!current) throw new Error(`"${request.name}" has no deployed releases`);
  return roll(cluster, request, current);
}

/**
 * Takes a release away: workloads first, CRDs last, all but what carries `helm.sh/resource-policy: keep`.
 *
 * @throws Error when `wait` is set and something is still there after `timeout` seconds, naming what holds it.
 */
export async function uninstall(
  cluster: ClusterApi,
  release: ReleaseName,
  { wait, timeout }: { wait: boolean; timeout: number },
): Promise<void> {
  const history = revisions(cluster, release);
  const last = history.at(-1);
  if (!last) throw new Error(`uninstall: Release not loaded: ${release.name}: release: not found`);
  const deletable = fromManifest(last.manifest)
    .filter((object) => !isKept(object))
    .reverse();
  keep(cluster, { ...last, info: { ...last.info, status: 'uninstalling' } });
  for (const object of deletable) if (cluster.get(refOf(object))) cluster.delete(refOf(object));
  if (wait) {
    const left = () => deletable.filter((object) => cluster.get(refOf(object)));
    if (!(await waitUntil(cluster, timeout, pause, () => left().length === 0))) {
      throw new Error(
        `uninstallation completed with 1 error(s): context deadline exceeded; still there after ${timeout} s: ${left()
          .map((object) => describeHolder(cluster, object))
          .join('; ')}`,
      );
    }
  }
  for (const record of history) deleteRevision(cluster, record);
}

async function roll(cluster: ClusterApi, request: ReleaseRequest, previous: ReleaseRecord | undefined) {
  const { chart } = request;
  const rendered = renderChart(chart, request, mergeValues(chart.values, request.values));
  const objects = rendered.objects.filter(
    (object) => !(request.skipCrds && object.kind === 'CustomResourceDefinition'),
  );
  for (const object of objects) assertOwned(cluster, object, request);
  const now = cluster.world.clock.iso();
  const record = (status: ReleaseStatus, description: string): ReleaseRecord => ({
    name: request.name,
    namespace: request.namespace,
    version: (previous?.version ?? 0) + 1,
    info: { first_deployed: previous?.info.first_deployed ?? now, last_deployed: now, status, description },
    chart: { metadata: { name: chart.name, version: chart.version, appVersion: chart.appVersion } },
    config: request.values,
    manifest: toManifest(objects),
  });
  keep(cluster, record(previous ? 'pending-upgrade' : 'pending-install', 'Initial install underway'));
  try {
    if (rendered.hooks.length) await cluster.world.clock.sleep(HOOK_SECONDS);
    for (const hook of rendered.hooks) if (!cluster.get(refOf(hook))) cluster.create(hook);
    for (const object of objects) cluster.apply(object);
    if (previous) removeDropped(cluster, previous, objects);
    if (request.wait) await waitForPods(cluster, objects, request.timeout);
  } catch (error) {
    const message = `${previous ? 'Upgrade' : 'Release'} "${request.name}" failed: ${messageOf(error)}`;
    keep(cluster, record('failed', message));
    throw error;
  }
  if (previous) keep(cluster, { ...previous, info: { ...previous.info, status: 'superseded' } });
  const done = record('deployed', request.description || `${previous ? 'Upgrade' : 'Install'} complete`);
  keep(cluster, done);
  const surplus = request.maxHistory > 0 ? revisions(cluster, request).slice(0, -request.maxHistory) : [];
  for (const old of surplus) deleteRevision(cluster, old);
  return done;
}

function removeDropped(cluster: ClusterApi, previous: ReleaseRecord, objects: readonly KubernetesObject[]): void {
  const names = new Set(objects.map((object) => JSON.stringify(refOf(object))));
  for (const object of fromManifest(previous.manifest)) {
    const ref = refOf(object);
    if (!names.has(JSON.stringify(ref)) && !isKept(object) && cluster.get(ref)) cluster.delete(ref);
  }
}

/** An object that exists already must be this release's own: one that it left behind is adopted. */
function assertOwned(cluster: ClusterApi, object: KubernetesObject, release: ReleaseName): void {
  const live = cluster.get(refOf(object));
  if (!live) return;
  const wrong = ['name', 'namespace'].flatMap((part) => {
    const key = `meta.helm.sh/release-${part}`;
    const want = release[part as keyof ReleaseName];
    const got = live.metadata.annotations?.[key];
    return got === want
      ? []
      : [`annotation validation error: key "${key}" must equal "${want}": current value is "${got ?? ''}"`];
  });
  if (wrong.length) {
    throw new Error(
      `Unable to continue with install: ${object.kind} "${object.metadata.name}" in namespace "${object.metadata.namespace ?? ''}" exists and cannot be imported into the current release: invalid ownership metadata; ${wrong.join('; ')}`,
    );
  }
}

/** Seconds between two checks: 2 in the first minute, 10 later. */
function pause(passed: number): number {
  return passed < 60 ? 2 : 10;
}

async function waitForPods(cluster: ClusterApi, objects: readonly KubernetesObject[], timeout: number): Promise<void> {
  const workloads = objects.filter((object) => (object['spec'] as { replicas?: number } | undefined)?.replicas);
  const waiting = () =>
    workloads.filter(({ metadata: { namespace, name } }) => !cluster.workloadRuns(namespace ?? '', name));
  if (await waitUntil(cluster, timeout, pause, () => waiting().length === 0)) return;
  throw new Error(
    `context deadline exceeded: ${waiting()
      .map((object) => describePods(cluster, object))
      .join('; ')}`,
  );
}

/** Why a workload's pods do not run, from their own status. */
function describePods(cluster: ClusterApi, workload: KubernetesObject): string {
  const { namespace, name } = workload.metadata;
  const { matchLabels } = (workload['spec'] as { selector: { matchLabels: Record<string, string> } }).selector;
  const pods = cluster
    .list('', 'Pod', namespace)
    .filter((pod) => Object.entries(matchLabels).every(([key, value]) => pod.metadata.labels?.[key] === value));
  const reasons = pods.flatMap((pod) => {
    const status = (pod['status'] ?? {}) as PodStatus;
    const waiting = status.containerStatuses?.flatMap(({ state }) => state?.waiting ?? []) ?? [];
    const conditions = status.conditions?.filter((condition) => condition.status === 'False') ?? [];
    return [...waiting, ...conditions].flatMap(
      ({ reason, message }) => [reason, message].filter(Boolean).join(': ') || [],
    );
  });
  return `${workload.kind} ${namespace}/${name} is not ready: ${[...new Set(reasons)].join(', ') || 'no pod runs'}`;
}

interface PodStatus {
  containerStatuses?: { state?: { waiting?: { reason?: string; message?: string } } }[];
  conditions?: { status: string; reason?: string; message?: string }[];
}

/** What keeps an object from going: its finalizers, or for a CRD those of its custom resources. */
function describeHolder(cluster: ClusterApi, object: KubernetesObject): string {
  const names = (held: readonly KubernetesObject[]) =>
    held.map(
      (o) =>
        `${o.kind} ${[o.metadata.namespace, o.metadata.name].filter(Boolean).join('/')} (${o.metadata.finalizers})`,
    );
  const holders = [cluster.get(refOf(object)), ...customResources(cluster, object)].filter(
    (held): held is KubernetesObject => Boolean(held?.metadata.finalizers?.length),
  );
  return `${object.kind} ${object.metadata.name}, held by finalizers without a running controller: ${names(holders).join(', ') || 'none known'}`;
}

function customResources(cluster: ClusterApi, object: KubernetesObject): KubernetesObject[] {
  if (object.kind !== 'CustomResourceDefinition') return [];
  const { group, names } = object['spec'] as { group: string; names: { kind: string } };
  return cluster.list(group, names.kind);
}

function isKept(object: KubernetesObject): boolean {
  return object.metadata.annotations?.['helm.sh/resource-policy'] === 'keep';
}
