import { parse } from 'yaml';
import type { ClusterApi, Controller } from '../kubernetes/api-server/api';
import { refOf } from '../kubernetes/api-server/reference';
import { findChart } from '../kubernetes/charts/chart';
import { definitionOf } from '../kubernetes/charts/definition';
import type { ReleaseName } from '../kubernetes/charts/render';
import type { ChartValues } from '../kubernetes/charts/values';
import type { KubernetesObject } from '../world';
import { findRelease, install, type ReleaseRequest, uninstall, upgrade } from './release';

const GROUP = 'helm.cattle.io';
/** Finalizer by which k3s takes a chart away with its HelmChart. */
const FINALIZER = 'wrangler.cattle.io/on-helm-chart-remove';
/** Seconds after which a failed installation is tried again, if anything moves simulated time that far. */
const RETRY_SECONDS = 60;

interface HelmChartSpec {
  readonly repo?: string;
  readonly chart: string;
  readonly version?: string;
  readonly targetNamespace?: string;
  readonly createNamespace?: boolean;
  readonly valuesContent?: string;
}

/** The CRD that k3s installs for it. Source: k3s, "Helm", and k3s-io/helm-controller. */
export const HELM_CHART_CRD = definitionOf({
  group: GROUP,
  kind: 'HelmChart',
  plural: 'helmcharts',
  scope: 'Namespaced',
  versions: ['v1'],
});

/** Simulates the Helm controller that is part of k3s: a HelmChart becomes a release, or says why not. */
export function k3sHelm(): Controller {
  const underway = new WeakMap<ClusterApi, Set<string>>();
  return {
    name: 'k3s-helm',
    async reconcile(cluster) {
      if (!cluster.host.answers || !cluster.kind(GROUP, 'HelmChart')) return;
      const busy = underway.get(cluster) ?? new Set();
      underway.set(cluster, busy);
      for (const chart of cluster.list(GROUP, 'HelmChart')) {
        const { uid = '', deletionTimestamp, generation = 1 } = chart.metadata;
        const { observedGeneration, retryAt } = (chart['status'] ?? {}) as Record<string, number>;
        const isDone = observedGeneration === generation && !(retryAt && retryAt <= cluster.world.clock.now());
        if (busy.has(uid) || (isDone && !deletionTimestamp)) continue;
        busy.add(uid);
        // On its own: fetching and hooks take time, for which other controllers do not wait.
        void cluster.world.clock
          .busy(() => (deletionTimestamp ? remove(cluster, chart) : roll(cluster, chart)))
          .finally(() => busy.delete(uid));
      }
    },
  };
}

async function roll(cluster: ClusterApi, chart: KubernetesObject): Promise<void> {
  const { generation = 1 } = chart.metadata;
  const spec = chart['spec'] as HelmChartSpec;
  if (!chart.metadata.finalizers?.includes(FINALIZER)) {
    const { resourceVersion: _, ...metadata } = chart.metadata;
    cluster.apply({ ...chart, metadata: { ...metadata, finalizers: [...(metadata.finalizers ?? []), FINALIZER] } });
  }
  const conditions = (failure?: Error) => [
    { type: 'JobCreated', status: 'True', reason: 'Job created' },
    failure
      ? { type: 'Failed', status: 'True', reason: 'InstallFailed', message: failure.message }
      : { type: 'Failed', status: 'False' },
  ];
  try {
    const request = requestOf(chart, spec);
    await (findRelease(cluster, request) ? upgrade(cluster, request) : install(cluster, request));
    cluster.setStatus(refOf(chart), { observedGeneration: generation, conditions: conditions() });
  } catch (error) {
    const retryAt = cluster.world.clock.now() + RETRY_SECONDS * 1000;
    const failed = { observedGeneration: generation, retryAt, conditions: conditions(error as Error) };
    if (cluster.get(refOf(chart))) cluster.setStatus(refOf(chart), failed);
  }
}

async function remove(cluster: ClusterApi, chart: KubernetesObject): Promise<void> {
  const { name, namespace } = releaseOf(chart);
  if (findRelease(cluster, { name, namespace }))
    await uninstall(cluster, { name, namespace }, { wait: false, timeout: 300 });
  cluster.removeFinalizer(refOf(chart), FINALIZER);
}

function releaseOf({ metadata, ...chart }: KubernetesObject): ReleaseName {
  const { targetNamespace } = chart['spec'] as HelmChartSpec;
  return { name: metadata.name, namespace: targetNamespace ?? metadata.namespace ?? 'default' };
}

/** @throws Error when the chart is one that the sandbox has no facts about. */
function requestOf(object: KubernetesObject, spec: HelmChartSpec): ReleaseRequest {
  return {
    ...releaseOf(object),
    chart: findChart(spec.repo, spec.chart, spec.version),
    values: (parse(spec.valuesContent ?? '') ?? {}) as ChartValues,
    createNamespace: spec.createNamespace ?? false,
    wait: false,
    timeout: 300,
    atomic: false,
    skipCrds: false,
    maxHistory: 0,
    description: '',
  };
}
