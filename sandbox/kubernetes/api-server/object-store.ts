import { EventEmitter } from 'node:events';
import type { ClusterData, KubernetesObject, World } from '../../world';
import { ApiError, type ApiKind, type ObjectRef } from './api';
import { BUILT_IN_KINDS, kindOfDefinition, resourceName } from './kinds';
import { refOf } from './reference';
import { same } from './same';

/** Changes that are remembered for watches. */
const HISTORY = 2000;

/** One change of a stored object, as a watch tells it. */
export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubernetesObject;
}

/** The objects of one cluster and the kinds they are of. Takes what it is given: rules of the API are `Cluster`'s. */
export abstract class ObjectStore {
  readonly changes = new EventEmitter<{ change: [Change] }>().setMaxListeners(0);
  /** The last changes, oldest first, for watches that begin at an earlier version. */
  readonly history: Change[] = [];
  /** How many writes there were since this process started. */
  protected writes = 0;
  private customKinds: ApiKind[] | undefined;
  private readonly byKind = new Map<string, Map<string, KubernetesObject>>();

  constructor(
    readonly world: World,
    readonly data: ClusterData,
  ) {
    for (const [key, object] of Object.entries(data.objects)) this.ofKind(key).set(key, object);
  }

  /** Called after each write. */
  protected abstract wrote(change: Change): void;

  kinds(): ApiKind[] {
    this.customKinds ??= this.stored('apiextensions.k8s.io', 'CustomResourceDefinition').flatMap(
      (definition) => kindOfDefinition(definition) ?? [],
    );
    return [...BUILT_IN_KINDS, ...this.customKinds];
  }

  kind(group: string, kind: string): ApiKind | undefined {
    return this.kinds().find((known) => known.group === group && known.kind === kind);
  }

  get(ref: ObjectRef): KubernetesObject | undefined {
    return structuredClone(this.data.objects[this.key(ref)]);
  }

  list(group: string, kind: string, namespace?: string): KubernetesObject[] {
    return this.stored(group, kind, namespace).map((object) => structuredClone(object));
  }

  stored(group: string, kind: string, namespace?: string): KubernetesObject[] {
    const all = this.byKind.get(`${group}/${kind}`) ?? new Map<string, KubernetesObject>();
    if (namespace === undefined) return [...all.values()];
    const prefix = `${group}/${kind}/${namespace}/`;
    return [...all].flatMap(([key, object]) => (key.startsWith(prefix) ? [object] : []));
  }

  /** Takes an object away for good. Only for garbage collection. */
  drop(object: KubernetesObject): void {
    const key = this.key(refOf(object));
    delete this.data.objects[key];
    this.ofKind(key).delete(key);
    const metadata = { ...object.metadata, resourceVersion: this.nextVersion() };
    this.changed({ ...object, metadata }, 'DELETED');
  }

  /** Objects of the kind that a CustomResourceDefinition defines. */
  instancesOf(definition: KubernetesObject): KubernetesObject[] {
    const spec = definition['spec'] as { group: string; names: { kind: string } };
    return this.stored(spec.group, spec.names.kind);
  }

  /** Writes an object as it is, past admission. */
  store(object: KubernetesObject, type: Change['type']): KubernetesObject {
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: this.nextVersion() } };
    const key = this.key(refOf(object));
    this.data.objects[key] = stored;
    this.ofKind(key).set(key, stored);
    this.changed(stored, type);
    return structuredClone(stored);
  }

  setStatus(ref: ObjectRef, status: Record<string, unknown>): void {
    const existing = this.existing(ref);
    const wanted = JSON.parse(JSON.stringify(status)) as Record<string, unknown>;
    if (!same(existing['status'] ?? {}, wanted)) this.store({ ...existing, status: wanted }, 'MODIFIED');
  }

  protected existing(ref: ObjectRef): KubernetesObject {
    const object = this.data.objects[this.key(ref)];
    if (!object) throw new ApiError(404, 'NotFound', `${this.resource(ref)} "${ref.name}" not found`);
    return object;
  }

  private nextVersion(): string {
    this.data.resourceVersion = (this.data.resourceVersion ?? 0) + 1;
    return String(this.data.resourceVersion);
  }

  protected key({ group, kind, namespace, name }: ObjectRef): string {
    const known = this.kind(group, kind);
    const scope = known?.namespaced === false ? '' : (namespace ?? (known ? 'default' : ''));
    return `${group}/${kind}/${scope}/${name}`;
  }

  /** Controllers list kinds all the time: going through all objects would take longer than all they do. */
  private ofKind(key: string): Map<string, KubernetesObject> {
    const [group, kind] = key.split('/');
    const name = `${group}/${kind}`;
    const found = this.byKind.get(name) ?? new Map<string, KubernetesObject>();
    this.byKind.set(name, found);
    return found;
  }

  protected resource(ref: ObjectRef): string {
    const kind = this.kind(ref.group, ref.kind);
    return kind ? resourceName(kind) : `${ref.kind}${ref.group && `.${ref.group}`}`;
  }

  private changed(object: KubernetesObject, type: Change['type']): void {
    this.writes++;
    if (object.kind === 'CustomResourceDefinition') this.customKinds = undefined;
    this.history.push({ type, object });
    if (this.history.length > HISTORY) this.history.shift();
    this.changes.emit('change', { type, object });
    this.world.changed();
    this.wrote({ type, object });
  }
}
