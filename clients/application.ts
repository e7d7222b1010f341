import { ARGOCD_APP } from '../contracts/argocd-app';
import { ARGOCD_NAMESPACE, K8S } from '../contracts/k8s';
import type { LayerId } from '../contracts/layers';
import { type ClusterPlace, Kubectl, KubectlError } from './kubectl';

/** What Argo CD deploys, and where. */
export interface ApplicationPlace {
  readonly cluster: ClusterPlace;
  /** Name of the Argo CD Application. */
  readonly name: string;
  /** The namespace that it deploys into. */
  readonly namespace: string;
}

/** A cluster that does not answer within this time counts as unreachable. */
const REQUEST_TIMEOUT = '10s';

/** A running image. */
export interface RunningImage {
  readonly image: string;
  readonly pods: number;
  /** Number of these pods that are ready. */
  readonly ready: number;
}

/** A pod, with the fields that a recovery checks. */
export interface PodState {
  readonly name: string;
  readonly uid: string;
  readonly ready: boolean;
  /** Why it is not ready, as Kubernetes reports it. */
  readonly reason: string;
  /** Images of its containers, with their tags. */
  readonly images: readonly string[];
}

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly uid: string };
    readonly spec: { readonly containers: readonly { readonly image: string }[] };
    readonly status?: {
      readonly phase?: string;
      readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
      readonly containerStatuses?: readonly {
        readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
      }[];
    };
  }[];
}

interface NodeList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly status?: { readonly addresses?: readonly { readonly type: string; readonly address: string }[] };
  }[];
}

interface ArgoApplication {
  readonly status?: {
    readonly sync?: { readonly status?: string; readonly revision?: string };
    readonly health?: { readonly status?: string; readonly message?: string };
    readonly operationState?: { readonly phase?: string; readonly message?: string };
    /** Why it cannot be compared or synced, such as an error of kustomize. */
    readonly conditions?: readonly { readonly type: string; readonly message: string }[];
  };
}

interface VolumeList {
  readonly items: readonly {
    readonly spec: {
      readonly persistentVolumeReclaimPolicy?: string;
      readonly nodeAffinity?: {
        readonly required?: {
          readonly nodeSelectorTerms?: readonly {
            readonly matchExpressions?: readonly { readonly key: string; readonly values?: readonly string[] }[];
          }[];
        };
      };
    };
  }[];
}

interface CronJobList {
  readonly items: readonly {
    readonly metadata: { readonly namespace: string; readonly name: string };
    readonly spec: { readonly schedule: string; readonly timeZone?: string; readonly suspend?: boolean };
  }[];
}

/** The cluster lacks something that a layer deploys. */
export class NotDeployedError extends Error {
  constructor(
    readonly layer: LayerId,
    what: string,
  ) {
    super(`${what} is not deployed; deploy layer ${layer}`);
  }
}

/** An Argo CD Application and its pods, read through kubectl. */
export class Application {
  private readonly kubectl: Kubectl;

  constructor(private readonly place: ApplicationPlace) {
    this.kubectl = new Kubectl({ requestTimeout: REQUEST_TIMEOUT, ...place.cluster });
  }

  /**
   * Succeeds if the application is Synced and Healthy in Argo CD, and all pods of its namespace are ready.
   *
   * @throws with Argo CD's message, or with each pod that is not ready and why.
   */
  async assertSynced(): Promise<{ readonly revision: string; readonly pods: readonly PodState[] }> {
    const { name } = this.place;
    const { status } = await this.read();
    if (status?.sync?.status !== 'Synced') {
      throw new Error(`application ${name} is ${status?.sync?.status ?? 'Unknown'}, not Synced: ${reasonOf(status)}`);
    }
    if (status.health?.status !== 'Healthy') {
      const { status: health = 'Unknown', message = 'Argo CD gives no reason' } = status.health ?? {};
      throw new Error(`application ${name} is ${health}, not Healthy: ${message}`);
    }
    return { revision: status.sync.revision ?? '', pods: await this.assertServing() };
  }

  /** Succeeds if there are pods and all are ready, with or without Argo CD. */
  async assertServing(): Promise<readonly PodState[]> {
    const { namespace } = this.place;
    const pods = await this.pods('-n', namespace);
    if (pods.length === 0) throw new Error(`namespace ${namespace} has no pods`);
    assertReady(pods, namespace);
    return pods;
  }

  /** Succeeds if all pods of the cluster are ready, including those of operators, monitoring and runners. */
  async assertClusterReady(): Promise<void> {
    assertReady(await this.pods('-A'), 'the cluster');
  }

  /** The schedules of all CronJobs of the cluster that are not suspended, by `namespace/name`. */
  async schedules(): Promise<{ readonly name: string; readonly schedule: string; readonly timeZone?: string }[]> {
    const { items } = await this.kubectl.json<CronJobList>(['get', 'cronjobs', '-A']);
    return items
      .filter(({ spec }) => !spec.suspend)
      .map(({ metadata, spec: { schedule, timeZone } }) => ({
        name: `${metadata.namespace}/${metadata.name}`,
        schedule,
        ...(timeZone && { timeZone }),
      }));
  }

  /** Name and internal address of the cluster's first node. */
  async node(): Promise<{ readonly nodeName: string; readonly address: string }> {
    const nodes = await this.kubectl.json<NodeList>(['get', 'nodes']);
    const [node] = nodes.items;
    const internal = node?.status?.addresses?.find(({ type }) => type === 'InternalIP');
    return { nodeName: node?.metadata.name ?? '', address: internal?.address ?? '' };
  }

  /** What identifies the cluster and its data: the id of kube-system, and volumes by node and reclaim policy. */
  async clusterRecord(): Promise<{
    readonly id: string;
    readonly volumes: { readonly node: string; readonly policy: string; readonly count: number }[];
  }> {
    const system = await this.kubectl.json<{ readonly metadata: { readonly uid: string } }>([
      ...['get', 'namespace', 'kube-system'],
    ]);
    const { items } = await this.kubectl.json<VolumeList>(['get', 'persistentvolumes']);
    const groups = new Map<string, { node: string; policy: string; count: number }>();
    for (const { spec } of items) {
      const terms = spec.nodeAffinity?.required?.nodeSelectorTerms ?? [];
      const node =
        terms.flatMap(({ matchExpressions = [] }) => matchExpressions.flatMap(({ values = [] }) => values))[0] ?? '';
      const policy = spec.persistentVolumeReclaimPolicy ?? '';
      const key = `${node}/${policy}`;
      groups.set(key, { node, policy, count: (groups.get(key)?.count ?? 0) + 1 });
    }
    return { id: system.metadata.uid, volumes: [...groups.values()] };
  }

  /** Sync status in Argo CD (`Synced`, `OutOfSync` or `Unknown`), the commit, and the error that prevents a comparison or a sync. */
  async sync(): Promise<{ readonly status: string; readonly revision: string; readonly problem?: string }> {
    const { sync, conditions = [] } = (await this.read()).status ?? {};
    const problem = problemsIn(conditions);
    return { status: sync?.status ?? 'Unknown', revision: sync?.revision ?? '', ...(problem && { problem }) };
  }

  /** The images of all pods that have not ended, by name. */
  async images(): Promise<RunningImage[]> {
    const found = new Map<string, RunningImage>();
    for (const { spec, status } of await this.livePods('-n', this.place.namespace)) {
      for (const { image } of spec.containers) {
        const { pods, ready } = found.get(image) ?? { pods: 0, ready: 0 };
        found.set(image, { image, pods: pods + 1, ready: ready + (isReady(status) ? 1 : 0) });
      }
    }
    return [...found.values()].sort((a, b) => a.image.localeCompare(b.image));
  }

  private async read(): Promise<ArgoApplication> {
    const { name } = this.place;
    return this.kubectl
      .json<ArgoApplication>(['get', 'application', name, '-n', ARGOCD_NAMESPACE])
      .catch((error: unknown) => {
        if (!(error instanceof KubectlError)) throw error;
        if (/doesn't have a resource type "application"/.test(error.stderr))
          throw new NotDeployedError(K8S.layer, 'Argo CD');
        if (error.reason === 'NotFound') throw new NotDeployedError(ARGOCD_APP.layer, `application ${name}`);
        throw error;
      });
  }

  private async livePods(...where: string[]): Promise<PodList['items']> {
    const list = await this.kubectl.json<PodList>(['get', 'pods', ...where]);
    return list.items.filter((pod) => pod.status?.phase !== 'Succeeded');
  }

  private async pods(...where: string[]): Promise<readonly PodState[]> {
    return (await this.livePods(...where)).map((pod) => {
      const unmet = pod.status?.conditions?.find((one) => one.status !== 'True' && one.message);
      const waiting = pod.status?.containerStatuses?.find((one) => one.state?.waiting)?.state?.waiting;
      return {
        name: pod.metadata.name,
        uid: pod.metadata.uid,
        ready: isReady(pod.status),
        reason: waiting
          ? `${waiting.reason}: ${waiting.message ?? ''}`
          : (unmet?.message ?? pod.status?.phase ?? 'Unknown'),
        images: pod.spec.containers.map(({ image }) => image),
      };
    });
  }
}

/** Why an application is not synced: the error of its comparison, or the state of its sync. */
function reasonOf(status: ArgoApplication['status']): string {
  const { conditions = [], operationState } = status ?? {};
  return problemsIn(conditions) || operationState?.message || 'Argo CD has not compared it yet';
}

function problemsIn(conditions: readonly { readonly type: string; readonly message: string }[]): string {
  // The others are warnings.
  const problems = conditions.filter(({ type }) => type.endsWith('Error'));
  return problems.map(({ type, message }) => `${type}: ${message}`).join('; ');
}

function assertReady(pods: readonly PodState[], where: string): void {
  const waiting = pods.filter(({ ready }) => !ready).map(({ name, reason }) => `${name} (${reason})`);
  if (waiting.length > 0) throw new Error(`not ready in ${where}: ${waiting.join(', ')}`);
}

function isReady(status: PodList['items'][number]['status']): boolean {
  return status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false;
}
