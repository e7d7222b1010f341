import type { Controller } from '../../../kubernetes/api-server/api';
import type { Cluster } from '../../../kubernetes/api-server/cluster';
import { healthOf } from '../../../kubernetes/argocd/health';
import { charts } from '../../../kubernetes/charts/chart';
import { renderChart } from '../../../kubernetes/charts/render';
import { type ChartValues, mergeValues } from '../../../kubernetes/charts/values';
import { Clusters } from '../../../kubernetes/clusters/clusters';
import { type KubernetesObject, World } from '../../../world';
import { localPath, MACHINE } from '../ground';

/** A cluster with storage, in which an operator's chart is installed and simulated. */
export async function operatorCluster(
  controller: Controller,
  chart: string,
  values: ChartValues = {},
): Promise<Cluster> {
  const world = World.inMemory();
  world.data.machines[MACHINE] = {
    name: 'vm',
    address: '10.0.0.2',
    architecture: 'amd64',
    memoryMiB: 8192,
    cpus: 4,
    disk: 'disk',
    startupScript: '',
    state: 'running',
  };
  const clusters = new Clusters(world, { controllers: [controller], images: { find: () => 'unknown-registry' } });
  clusters.install(MACHINE, { nodeName: 'node-1', kubernetesVersion: '1.34.2', certificateNames: ['10.0.0.2'] });
  const cluster = clusters.get(MACHINE) as Cluster;
  for (const object of localPath('Delete')) cluster.apply(object);
  cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'operators' } });
  const facts = charts.find(({ name }) => name === chart) as (typeof charts)[0];
  const { objects } = renderChart(facts, { name: chart, namespace: 'operators' }, mergeValues(facts.values, values));
  for (const object of objects) cluster.apply(object);
  await cluster.settled();
  return cluster;
}

/** Applies objects and waits until nothing happens any more. */
export async function put(cluster: Cluster, ...objects: KubernetesObject[]): Promise<void> {
  for (const object of objects) cluster.apply(object);
  await cluster.settled();
}

/** Names of a kind's objects in namespace `default`. */
export function namesOf(cluster: Cluster, group: string, kind: string, namespace = 'default'): string[] {
  return cluster
    .list(group, kind, namespace)
    .map(({ metadata }) => metadata.name)
    .sort();
}

/** Argo CD's word on the one object of a kind. */
export function health(cluster: Cluster, group: string, kind: string): string | undefined {
  const [object] = cluster.list(group, kind);
  return object && healthOf(object, cluster)?.status;
}
