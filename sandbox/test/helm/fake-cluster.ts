import {
  ApiError,
  type ApiKind,
  type ClusterApi,
  type Controller,
  type ObjectRef,
} from '../../kubernetes/api-server/api';
import { DEFINITIONS } from '../../kubernetes/api-server/definition';
import { isOf, type Kind } from '../../kubernetes/api-server/kind';
import { refOf } from '../../kubernetes/api-server/reference';
import { type ClusterData, type KubernetesObject, World } from '../../world';

const BUILT_IN: ApiKind[] = [
  ...['Namespace'].map((kind) => ({ group: '', kind, namespaced: false })),
  ...['ConfigMap', 'Secret', 'Service', 'ServiceAccount', 'Pod', 'PersistentVolumeClaim'].map((kind) => ({
    group: '',
    kind,
    namespaced: true,
  })),
  ...['Deployment', 'StatefulSet'].map((kind) => ({ group: 'apps', kind, namespaced: true })),
  ...['Role', 'RoleBinding'].map((kind) => ({ group: 'rbac.authorization.k8s.io', kind, namespaced: true })),
  { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition', namespaced: false },
].map((kind) => ({ ...kind, versions: ['v1'], plural: `${kind.kind.toLowerCase()}s` }));

/** A minimal cluster: pods of a workload run 5 s after its template changed, unless it asks for too much. */
export class FakeCluster implements ClusterApi {
  readonly data: ClusterData;
  readonly host = {
    name: 'vm',
    answers: true,
    address: '10.0.0.2',
    architecture: 'amd64' as const,
    memoryMiB: 8192,
    cpus: 2,
  };
  readonly controllers: Controller[] = [];
  private version = 0;
  private awake: Promise<void> | undefined;
  private dirty = false;

  constructor(readonly world = World.inMemory()) {
    this.data = {
      uid: 'c',
      nodeName: 'n',
      certificateNames: [],
      kubernetesVersion: '1.34.2',
      objects: {},
      volumes: {},
    };
  }

  assertAnswers(): void {
    if (!this.host.answers) throw new Error('dial tcp 10.0.0.2:6443: connect: connection refused');
  }

  kinds(): ApiKind[] {
    const crds = this.list(DEFINITIONS).map(({ spec: { group, names, scope } }) => {
      return { group, kind: names.kind, plural: names.plural, versions: ['v1'], namespaced: scope === 'Namespaced' };
    });
    return [...BUILT_IN, ...crds];
  }

  kind(group: string, kind: string): ApiKind | undefined {
    return this.kinds().find((known) => known.group === group && known.kind === kind);
  }

  get<T extends KubernetesObject>(ref: ObjectRef<T>): T | undefined {
    return this.data.objects[key(ref)] as T | undefined;
  }

  list<T extends KubernetesObject>(kind: Kind<T>, namespace?: string): T[];
  list(group: string, kind: string, namespace?: string): KubernetesObject[];
  list(first: Kind | string, second?: string, third?: string): KubernetesObject[] {
    const [kind, namespace] =
      typeof first === 'string' ? [{ group: first, kind: second ?? '' }, third] : [first, second];
    const isIn = ({ metadata }: KubernetesObject) => namespace === undefined || metadata.namespace === namespace;
    return Object.values(this.data.objects).flatMap((object) => (isOf(kind, object) && isIn(object) ? [object] : []));
  }

  apply<T extends KubernetesObject>(object: T): T {
    const ref = refOf(object);
    if (!this.kind(ref.group, ref.kind))
      throw new ApiError(404, 'NotFound', 'the server could not find the requested resource');
    if (ref.namespace && !this.get({ group: '', kind: 'Namespace', name: ref.namespace })) {
      throw new ApiError(404, 'NotFound', `namespaces "${ref.namespace}" not found`);
    }
    const live: KubernetesObject | undefined = this.get(ref);
    const { status: _, ...given }: KubernetesObject = structuredClone(object);
    const metadata = {
      uid: this.world.uuid(),
      creationTimestamp: this.world.clock.iso(),
      generation: 0,
      ...live?.metadata,
      ...given.metadata,
    };
    const stored = { ...live, ...given, metadata } as KubernetesObject;
    if (live && JSON.stringify(stored) === JSON.stringify(live)) return live as T;
    const changed = JSON.stringify(live?.['spec']) !== JSON.stringify(stored['spec']);
    stored.metadata.generation = (live?.metadata.generation ?? 0) + (changed ? 1 : 0);
    stored.metadata.resourceVersion = String(++this.version);
    this.data.objects[key(ref)] = stored;
    if (changed && ref.group === 'apps') this.roll(stored, live);
    this.wake();
    return stored as T;
  }

  create<T extends KubernetesObject>(object: T): T {
    if (this.get(refOf(object))) throw new ApiError(409, 'AlreadyExists', `${object.metadata.name} already exists`);
    return this.apply(object);
  }

  setStatus(ref: ObjectRef, status: Record<string, unknown>): void {
    const object = this.get(ref);
    if (!object) return;
    this.data.objects[key(ref)] = { ...object, status };
    this.wake();
  }

  delete(ref: ObjectRef): void {
    const object = this.get(ref);
    if (!object) throw new ApiError(404, 'NotFound', `${ref.name} not found`);
    object.metadata.deletionTimestamp ??= this.world.clock.iso();
    if (ref.kind === 'CustomResourceDefinition') {
      const { group, names } = object['spec'] as { group: string; names: { kind: string } };
      for (const resource of this.list(group, names.kind)) this.delete(refOf(resource));
      if (this.list(group, names.kind).length === 0) this.drop(ref);
    } else if (!object.metadata.finalizers?.length) this.drop(ref);
    this.wake();
  }

  removeFinalizer(ref: ObjectRef, finalizer: string): void {
    const object = this.get(ref);
    if (!object) return;
    object.metadata.finalizers = object.metadata.finalizers?.filter((other) => other !== finalizer);
    if (object.metadata.deletionTimestamp && !object.metadata.finalizers?.length) this.drop(ref);
    this.wake();
  }

  workloadRuns(namespace: string, name: string): boolean {
    const all = [...this.list('apps', 'Deployment', namespace), ...this.list('apps', 'StatefulSet', namespace)];
    const status = all.find((object) => object.metadata.name === name)?.['status'] as
      | { readyReplicas?: number }
      | undefined;
    return (status?.readyReplicas ?? 0) > 0;
  }

  async settled(): Promise<void> {
    do {
      await this.wake();
      await this.world.clock.settled();
    } while (this.awake);
  }

  /** Pods of a workload, by their uid. */
  pods(namespace: string): string[] {
    return this.list('', 'Pod', namespace).map(({ metadata }) => metadata.uid ?? '');
  }

  private wake(): Promise<void> {
    this.dirty = true;
    this.awake ??= this.world.clock.busy(async () => {
      while (this.dirty) {
        await new Promise(setImmediate);
        this.dirty = false;
        for (const controller of this.controllers) await controller.reconcile(this);
      }
      this.awake = undefined;
    });
    return this.awake;
  }

  private roll(workload: KubernetesObject, before: KubernetesObject | undefined): void {
    const spec = (object?: KubernetesObject) =>
      object?.['spec'] as
        | {
            replicas?: number;
            template: {
              metadata: { labels: Record<string, string> };
              spec: { containers: { resources?: { requests?: { memory?: string } } }[] };
            };
          }
        | undefined;
    const [now, old] = [spec(workload), spec(before)];
    const replicas = now?.replicas ?? 1;
    if (JSON.stringify(now?.template) === JSON.stringify(old?.template) && old?.replicas === now?.replicas) return;
    const ref = refOf(workload);
    const name = `${ref.name}-0`;
    if (now?.template.spec.containers[0]?.resources?.requests?.memory === '64Gi') {
      const message = '0/1 nodes are available: 1 Insufficient memory';
      const status = { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }] };
      const labels = now.template.metadata.labels;
      this.apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: ref.namespace, labels } });
      this.setStatus({ group: '', kind: 'Pod', namespace: ref.namespace, name }, status);
      return;
    }
    this.world.clock.after(5, () => {
      const live: KubernetesObject | undefined = this.get(ref);
      if (!live) return;
      const counts = { replicas, updatedReplicas: replicas, readyReplicas: replicas, availableReplicas: replicas };
      this.setStatus(ref, { ...counts, observedGeneration: live.metadata.generation });
      const pod = { group: '', kind: 'Pod', namespace: ref.namespace, name };
      if (this.get(pod)) this.drop(pod);
      this.apply({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          name,
          namespace: ref.namespace,
          ownerReferences: [{ ...live, name: ref.name, uid: live.metadata.uid ?? '' }],
        },
      });
    });
  }

  private drop(ref: ObjectRef): void {
    const uid = this.get(ref)?.metadata.uid;
    delete this.data.objects[key(ref)];
    for (const object of Object.values(this.data.objects)) {
      if (object.metadata.ownerReferences?.some((owner) => owner.uid === uid)) this.delete(refOf(object));
    }
  }
}

function key({ group, kind, namespace, name }: ObjectRef): string {
  return `${group}/${kind}/${namespace ?? ''}/${name}`;
}
