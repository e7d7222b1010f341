import type { ClusterData, KubernetesObject, World } from '../../world';
import type { Kind } from './kind';

/** Names one object. `group` is '' for the core group. */
export interface ObjectRef<T extends KubernetesObject = KubernetesObject> extends Kind<T> {
  readonly namespace?: string;
  readonly name: string;
}

/** A kind that the API server knows, built in or by a CRD. */
export interface ApiKind {
  readonly group: string;
  /** All served versions, preferred first. */
  readonly versions: readonly string[];
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** Short names that kubectl takes. */
  readonly shortNames?: readonly string[];
}

/** The machine that a cluster runs on, as it is now. */
export interface ClusterHost {
  /** The VM's name, for messages. */
  readonly name: string;
  /** False while the VM is stopped, gone, or has not finished booting: nothing answers then. */
  readonly answers: boolean;
  readonly address: string;
  readonly architecture: 'amd64' | 'arm64';
  readonly memoryMiB: number;
  readonly cpus: number;
}

/** A refusal by the API server: HTTP status, Kubernetes reason (`NotFound`, `AlreadyExists`, `Invalid`, ...), message. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

/** What changes with time or with other objects inside a cluster: the workload controllers, Argo CD, External Secrets. */
export interface Controller {
  readonly name: string;
  /**
   * Brings the cluster one step closer to what its objects describe. Called again after every change until nothing changes
   * anything. What takes time sets `clock.after` and answers later. Must be idempotent and must not throw.
   */
  reconcile(cluster: ClusterApi): Promise<void>;
}

/** The API server of one simulated cluster. Every write goes through admission and wakes the controllers. */
export interface ClusterApi {
  readonly world: World;
  readonly data: ClusterData;
  readonly host: ClusterHost;
  /** Throws what a client sees when nothing answers: `dial tcp ADDRESS:6443: connect: connection refused`. */
  assertAnswers(): void;
  kinds(): ApiKind[];
  kind(group: string, kind: string): ApiKind | undefined;
  /** The object as it is stored: frozen, and to be copied by a caller that changes it. */
  get<T extends KubernetesObject>(ref: ObjectRef<T>): T | undefined;
  /** All objects of a kind, in one namespace or in all. They are frozen. */
  list<T extends KubernetesObject>(kind: Kind<T>, namespace?: string): T[];
  /** The same of a kind that is only known at run time. */
  list(group: string, kind: string, namespace?: string): KubernetesObject[];
  /** Creates or updates (server-side apply as far as the sandbox simulates it). Refuses by ApiError; returns what is stored. */
  apply<T extends KubernetesObject>(object: T): T;
  /** Creates; refuses what exists. */
  create<T extends KubernetesObject>(object: T): T;
  /** Sets `status` only; no admission, no generation. */
  setStatus(ref: ObjectRef, status: Record<string, unknown>): void;
  /** Marks as deleting; gone at once unless finalizers hold it. Cascades to owned objects and to a namespace's content. */
  delete(ref: ObjectRef): void;
  /** Removes one finalizer; an object that is being deleted is removed with its last one. */
  removeFinalizer(ref: ObjectRef, finalizer: string): void;
  /** True when pods of that workload (Deployment or StatefulSet) run: a controller only acts while its own pods do. */
  workloadRuns(namespace: string, name: string): boolean;
  /** Resolves when controllers have nothing left to do and no work is scheduled. */
  settled(): Promise<void>;
}
