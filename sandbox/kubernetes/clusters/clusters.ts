import type { ClusterData, World } from '../../world';
import type { ClusterApi, Controller } from '../api-server/api';
import { Cluster } from '../api-server/cluster';
import { builtInControllers } from '../controllers';
import type { ImageSource } from '../controllers/images';
import { restartPods } from '../controllers/kubelet';
import { emptyCluster, type FirstBoot, systemObjects } from './first-boot';
import { adminKubeconfig, serverOf } from './kubeconfig';

/** Where a machine's API server is served, below the sandbox's base URL. */
const PATH = '/clusters/';

export interface ClustersOptions {
  /** What runs in clusters in addition to the controllers of Kubernetes itself: Argo CD, External Secrets. */
  readonly controllers: readonly Controller[];
  /** What nodes can pull. */
  readonly images: ImageSource;
}

/** All simulated clusters: one on each machine whose disk holds one. They start and stop with their machines. */
export class Clusters {
  private readonly known = new Map<string, Cluster>();
  private readonly controllers: readonly Controller[];

  constructor(
    private readonly world: World,
    options: ClustersOptions,
  ) {
    this.controllers = [...builtInControllers(options.images), ...options.controllers];
    world.events.on('machine', (key) => this.powered(key));
    for (const { cluster } of this.all()) cluster.wake();
  }

  /** The cluster on that machine's disk, whether the machine runs or not. @param machineKey - key in `WorldData.machines`. */
  get(machineKey: string): Cluster | undefined {
    const data = this.dataOf(machineKey);
    const known = this.known.get(machineKey);
    if (known && known.data === data) return known;
    known?.cancel();
    this.known.delete(machineKey);
    if (!data) return undefined;
    const cluster = new Cluster(this.world, machineKey, data, this.controllers);
    this.known.set(machineKey, cluster);
    return cluster;
  }

  /** All machines with a cluster on their disk. */
  all(): { key: string; cluster: Cluster }[] {
    return Object.keys(this.world.data.machines).flatMap((key) => {
      const cluster = this.get(key);
      return cluster ? [{ key, cluster }] : [];
    });
  }

  /**
   * The cluster that a kubeconfig points to: by the sandbox's own address, or by the machine's.
   *
   * @param context - the current one when left out.
   * @throws Error with client-go's message: no such context, no such file.
   */
  fromKubeconfig(text: string, context?: string): ClusterApi {
    const server = serverOf(text, context);
    const { hostname, host, port, protocol } = new URL(server);
    const byAddress = ({ address }: { address: string }) => address === hostname;
    const key =
      // The sandbox's own token comes before it.
      this.locate(new URL(server).pathname.replace(/^\/[^/]+(?=\/clusters\/)/, ''))?.key ??
      Object.entries(this.world.data.machines).find(([, machine]) => byAddress(machine))?.[0];
    const cluster = key === undefined ? undefined : this.get(key);
    if (cluster) return cluster;
    const address = port ? host : `${host}:${protocol === 'https:' ? 443 : 80}`;
    throw new Error(`Get "${server}/version": dial tcp ${address}: connect: connection refused`);
  }

  /**
   * The machine that a path below the sandbox's base URL means, and the path within its API.
   *
   * The machine's key is one encoded part, or with plain slashes: that is what kubectl makes of it.
   */
  locate(path: string): { key: string; rest: string } | undefined {
    for (const key of Object.keys(this.world.data.machines)) {
      const prefix = [encodeURIComponent(key), key]
        .map((form) => PATH + form)
        .find((form) => `${path}/`.startsWith(`${form}/`));
      if (prefix) return { key, rest: path.slice(prefix.length) || '/' };
    }
    return undefined;
  }

  /** An administrator's kubeconfig, as YAML. @param baseUrl - where the sandbox serves its APIs. */
  kubeconfig(machineKey: string, baseUrl: string): string {
    const name = machineKey.split('/').at(-1) ?? machineKey;
    return adminKubeconfig(name, `${baseUrl}${PATH}${encodeURIComponent(machineKey)}`);
  }

  /**
   * The first boot of a cluster: puts it on the machine's disk and starts it.
   *
   * @throws Error when the machine is not there, or its disk holds a cluster already.
   */
  install(machineKey: string, boot: FirstBoot): void {
    const machine = this.world.data.machines[machineKey];
    if (!machine) throw new Error(`machine ${machineKey} does not exist; switch its instance on first`);
    const content = this.world.data.disks[machine.disk] ?? {};
    if (content.cluster) throw new Error(`disk ${machine.disk} holds a cluster already; start that one`);
    this.world.data.disks[machine.disk] = { ...content, cluster: emptyCluster(boot) };
    const cluster = this.get(machineKey) as Cluster;
    for (const object of systemObjects()) cluster.apply(object);
    cluster.wake();
  }

  private dataOf(machineKey: string): ClusterData | undefined {
    const machine = this.world.data.machines[machineKey];
    return machine && this.world.data.disks[machine.disk]?.cluster;
  }

  private powered(machineKey: string): void {
    const cluster = this.get(machineKey);
    if (!cluster) return;
    cluster.cancel();
    if (!cluster.host.answers) return;
    restartPods(cluster);
    cluster.wake();
  }
}
