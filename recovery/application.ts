import { run } from '../terraform/process';

/** How to reach what Argo CD deploys. */
export interface ApplicationPlace {
  readonly kubeconfig: string;
  /** @default - its current context */
  readonly context?: string;
  /** The Argo CD Application and its namespace. */
  readonly name: string;
  readonly argocdNamespace: string;
  /** The namespace that it deploys into. */
  readonly namespace: string;
  readonly env: NodeJS.ProcessEnv;
}

/** One pod, as far as a recovery looks at it. */
export interface PodState {
  readonly name: string;
  readonly uid: string;
  readonly ready: boolean;
  /** Why it is not ready, in Kubernetes' words. */
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

interface ArgoApplication {
  readonly status?: {
    readonly sync?: { readonly status?: string; readonly revision?: string };
    readonly operationState?: { readonly phase?: string; readonly message?: string };
  };
}

/** An Argo CD Application and the pods behind it, read by kubectl. */
export class Application {
  constructor(private readonly place: ApplicationPlace) {}

  /**
   * Succeeds when Argo CD has synced the application and all its pods are ready.
   *
   * @throws with Argo CD's message, or with each pod that is not ready and why.
   */
  async assertSynced(): Promise<{ readonly revision: string; readonly pods: readonly PodState[] }> {
    const { name, argocdNamespace } = this.place;
    const { status } = await this.kubectl<ArgoApplication>(
      '-n',
      argocdNamespace,
      'get',
      'application',
      name,
      '-o',
      'json',
    );
    if (status?.sync?.status !== 'Synced') {
      const message = status?.operationState?.message ?? 'Argo CD has not looked at it yet';
      throw new Error(`application ${name} is ${status?.sync?.status ?? 'Unknown'}, not Synced: ${message}`);
    }
    return { revision: status.sync.revision ?? '', pods: await this.assertServing() };
  }

  /** Succeeds when there are pods and all are ready, whether or not Argo CD is there. */
  async assertServing(): Promise<readonly PodState[]> {
    const pods = await this.pods();
    const waiting = pods.filter((pod) => !pod.ready);
    if (pods.length === 0) throw new Error(`namespace ${this.place.namespace} has no pods`);
    if (waiting.length > 0) {
      throw new Error(
        `not ready in ${this.place.namespace}: ${waiting.map((pod) => `${pod.name} (${pod.reason})`).join(', ')}`,
      );
    }
    return pods;
  }

  /** The name of the cluster's node; of the first, when it has several. */
  async nodeName(): Promise<string> {
    const nodes = await this.kubectl<{ items: { metadata: { name: string } }[] }>('get', 'nodes', '-o', 'json');
    return nodes.items[0]?.metadata.name ?? '';
  }

  private async pods(): Promise<readonly PodState[]> {
    const list = await this.kubectl<PodList>('-n', this.place.namespace, 'get', 'pods', '-o', 'json');
    return list.items
      .filter((pod) => pod.status?.phase !== 'Succeeded')
      .map((pod) => {
        const unmet = pod.status?.conditions?.find((one) => one.status !== 'True' && one.message);
        const waiting = pod.status?.containerStatuses?.find((one) => one.state?.waiting)?.state?.waiting;
        return {
          name: pod.metadata.name,
          uid: pod.metadata.uid,
          ready: pod.status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false,
          reason: waiting
            ? `${waiting.reason}: ${waiting.message ?? ''}`
            : (unmet?.message ?? pod.status?.phase ?? 'Unknown'),
          images: pod.spec.containers.map(({ image }) => image),
        };
      });
  }

  private async kubectl<T>(...args: string[]): Promise<T> {
    const { kubeconfig, context, env } = this.place;
    const place = ['--kubeconfig', kubeconfig, ...(context ? ['--context', context] : [])];
    const finished = await run('kubectl', [...place, ...args], { env });
    if (finished.code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${finished.stderr.trim()}`);
    return JSON.parse(finished.stdout) as T;
  }
}
