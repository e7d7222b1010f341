import { EventEmitter } from 'node:events';
import { same } from '../../json';
import type { ClusterData, KubernetesObject, World } from '../../world';
import { ApiError, type ApiKind, type ObjectRef } from './api';
import { DEFINITIONS } from './definition';
import { isOf, type Kind } from './kind';
import { BUILT_IN_KINDS, kindOfDefinition, resourceName } from './kinds';
import { refOf } from './reference';

/** Changes that are remembered for watches. */
const HISTORY = 2000;

/** One change of a stored object, as a watch tells it. */
export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubernetesObject;
}

/**
 * The objects of one cluster and the kinds they are of. Takes what it is given: rules of the API are `Cluster`'s. What it
 * stores is frozen, so that it is handed out without a copy: controllers read far more often than they write.
 */
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
    for (const [key, object] of Object.entries(data.objects)) this.ofKind(key).set(key, frozen(object));
  }

  /** Called after each write. */
  protected abstract wrote(change: Change): void;

  kinds(): ApiKind[] {
    this.customKinds ??= this.list(DEFINITIONS).flatMap((definition) => kindOfDefinition(definition) ?? []);
    return [...BUILT_IN_KINDS, ...this.customKinds];
  }

  kind(group: string, kind: string): ApiKind | undefined {
    return this.kinds().find((known) => known.group === group && known.kind === kind);
  }

  /** An object is stored by its kind, and a kind carries the type of its objects. */
  get<T extends KubernetesObject>(ref: ObjectRef<T>): T | undefined {
    return this.data.objects[this.key(ref)] as T | undefined;
  }

  list<T extends KubernetesObject>(kind: Kind<T>, namespace?: string): T[];
  list(group: string, kind: string, namespace?: string): KubernetesObject[];
  list(first: Kind | string, second?: string, third?: string): KubernetesObject[] {
    const [kind, namespace] =
      typeof first === 'string' ? [{ group: first, kind: second ?? '' }, third] : [first, second];
    const name = `${kind.group}/${kind.kind}`;
    const all = this.byKind.get(name) ?? new Map<string, KubernetesObject>();
    if (namespace === undefined) return [...all.values()];
    return [...all].flatMap(([key, object]) => (key.startsWith(`${name}/${namespace}/`) ? [object] : []));
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
    if (!isOf(DEFINITIONS, definition)) return [];
    const { group, names } = definition.spec;
    return this.list(group, names.kind);
  }

  /** Writes an object as it is, without admission. */
  store<T extends KubernetesObject>(object: T, type: Change['type']): T {
    const stored = frozen({ ...object, metadata: { ...object.metadata, resourceVersion: this.nextVersion() } });
    const key = this.key(refOf(object));
    this.data.objects[key] = stored;
    this.ofKind(key).set(key, stored);
    this.changed(stored, type);
    return stored;
  }

  setStatus(ref: ObjectRef, status: Record<string, unknown>): void {
    const existing = this.existing(ref);
    const wanted: unknown = JSON.parse(JSON.stringify(status));
    if (!same(existing['status'] ?? {}, wanted)) this.store({ ...existing, status: wanted }, 'MODIFIED');
  }

  protected existing<T extends KubernetesObject>(ref: ObjectRef<T>): T {
    const object = this.get(ref);
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

/** Freezes a value with all that is in it. What is frozen already was frozen here. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}
