import { EventEmitter } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import type { ClusterData, KubernetesObject, World } from '../world';
import { admit, normalise } from './admission';
import { ApiError, type ApiKind, type ClusterApi, type ClusterHost, type Controller, type ObjectRef } from './api';
import { withDefaults } from './defaults';
import { sweep } from './garbage';
import { BUILT_IN_KINDS, kindOfDefinition, resourceName } from './kinds';
import { carryOver, withOwnedLabels } from './merge';
import { refOf } from './reference';

/** Rounds after which controllers that still change something are taken for a bug of the sandbox. */
const ROUNDS = 50;

/** One change of a stored object, as a watch tells it. */
export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubernetesObject;
}

/** The API server of the cluster on one machine's disk. Wakes its controllers after every write. */
export class Cluster implements ClusterApi {
  readonly changes = new EventEmitter<{ change: [Change] }>().setMaxListeners(0);
  private readonly timers = new Map<string, () => void>();
  private customKinds: ApiKind[] | undefined;
  private awake = false;
  private reconciling: Promise<void> | undefined;
  private failure: Error | undefined;
  private writes = 0;

  /** @param machineKey - key in `WorldData.machines`. */
  constructor(
    readonly world: World,
    private readonly machineKey: string,
    readonly data: ClusterData,
    private readonly controllers: readonly Controller[],
  ) {}

  get host(): ClusterHost {
    const machine = this.world.data.machines[this.machineKey];
    const isOurs = machine && this.world.data.disks[machine.disk]?.cluster === this.data;
    return {
      name: machine?.name ?? this.machineKey.split('/').at(-1) ?? this.machineKey,
      answers: isOurs === true && machine?.state === 'running',
      address: machine?.address ?? '',
      architecture: machine?.architecture ?? 'amd64',
      memoryMiB: machine?.memoryMiB ?? 0,
      cpus: machine?.cpus ?? 0,
    };
  }

  assertAnswers(): void {
    if (this.failure) throw this.failure;
    const { answers, address } = this.host;
    if (!answers) throw new Error(`dial tcp ${address || this.host.name}:6443: connect: connection refused`);
    if (!this.data.certificateNames.includes(address)) {
      const valid = this.data.certificateNames.join(', ');
      throw new Error(
        `tls: failed to verify certificate: x509: certificate is valid for ${valid}, not ${address}; the machine's address changed since its first boot`,
      );
    }
  }

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

  /** Objects as they are stored: to be read only. */
  stored(group: string, kind: string, namespace?: string): KubernetesObject[] {
    const prefix = `${group}/${kind}/${namespace === undefined ? '' : `${namespace}/`}`;
    return Object.entries(this.data.objects).flatMap(([key, object]) => (key.startsWith(prefix) ? [object] : []));
  }

  /**
   * Creates or updates. An object that carries a resourceVersion was read before and replaces what is there; one without
   * is applied: labels and annotations of others stay, and so do finalizers and owners.
   */
  apply(object: KubernetesObject): KubernetesObject {
    const wanted = normalise(this, object);
    const existing = this.data.objects[this.key(refOf(wanted))];
    if (!existing) return this.create(object);
    const isReplace = wanted.metadata.resourceVersion !== undefined;
    return this.write(existing, isReplace ? wanted : withOwnedLabels(existing, wanted));
  }

  /** Replaces what is there. Refuses by 409 when somebody changed it since the resourceVersion given. */
  replace(object: KubernetesObject): KubernetesObject {
    const wanted = normalise(this, object);
    const existing = this.existing(refOf(wanted));
    const { resourceVersion } = wanted.metadata;
    if (resourceVersion && resourceVersion !== existing.metadata.resourceVersion) {
      throw new ApiError(
        409,
        'Conflict',
        `Operation cannot be fulfilled on ${this.resource(refOf(wanted))} "${wanted.metadata.name}": the object has been modified; please apply your changes to the latest version and try again`,
      );
    }
    return this.write(existing, wanted);
  }

  create(object: KubernetesObject): KubernetesObject {
    const wanted = normalise(this, object);
    const ref = refOf(wanted);
    if (this.data.objects[this.key(ref)]) {
      throw new ApiError(409, 'AlreadyExists', `${this.resource(ref)} "${ref.name}" already exists`);
    }
    const filled = withOwnedLabels(undefined, withDefaults(this, wanted));
    admit(this, filled, undefined);
    const { status: _, ...made } = filled;
    made.metadata = {
      ...filled.metadata,
      uid: this.world.uuid(),
      creationTimestamp: this.world.clock.iso(),
      ...('spec' in filled ? { generation: 1 } : {}),
    };
    if (ref.kind === 'Namespace') made['status'] = { phase: 'Active' };
    if (ref.kind === 'CustomResourceDefinition') made['status'] = established(made, this.world.clock.iso());
    return this.store(made, 'ADDED');
  }

  setStatus(ref: ObjectRef, status: Record<string, unknown>): void {
    const existing = this.existing(ref);
    const wanted = JSON.parse(JSON.stringify(status)) as Record<string, unknown>;
    if (!isDeepStrictEqual(existing['status'] ?? {}, wanted)) this.store({ ...existing, status: wanted }, 'MODIFIED');
  }

  delete(ref: ObjectRef): void {
    const existing = this.existing(ref);
    if (!existing.metadata.deletionTimestamp) {
      const marked = structuredClone(existing);
      marked.metadata.deletionTimestamp = this.world.clock.iso();
      if (ref.kind === 'Namespace') marked['status'] = { ...(marked['status'] as object), phase: 'Terminating' };
      this.store(marked, 'MODIFIED');
    }
    sweep(this);
  }

  removeFinalizer(ref: ObjectRef, finalizer: string): void {
    const object = structuredClone(this.existing(ref));
    const { finalizers = [] } = object.metadata;
    if (!finalizers.includes(finalizer)) return;
    object.metadata.finalizers = finalizers.filter((other) => other !== finalizer);
    this.store(object, 'MODIFIED');
    sweep(this);
  }

  workloadRuns(namespace: string, name: string): boolean {
    if (!this.host.answers) return false;
    return ['Deployment', 'StatefulSet'].some((kind) => {
      const status = this.data.objects[`apps/${kind}/${namespace}/${name}`]?.['status'] as
        | { readyReplicas?: number }
        | undefined;
      return (status?.readyReplicas ?? 0) > 0;
    });
  }

  async settled(): Promise<void> {
    do {
      await this.reconciling;
      await this.world.clock.settled();
    } while (this.awake);
    if (this.failure) throw this.failure;
  }

  /**
   * Runs `fire` once after `seconds`, if the machine still runs then. A key that waits already is left as it is.
   *
   * @param key - holds the uid of the object it is about, whose end cancels it.
   */
  later(key: string, seconds: number, fire: () => void, kind: 'work' | 'routine' = 'work'): void {
    if (this.timers.has(key)) return;
    const run = () => {
      this.timers.delete(key);
      if (this.host.answers) fire();
    };
    this.timers.set(key, this.world.clock.after(seconds, run, kind));
  }

  /** Drops what waits under keys with that text in them, or under every key. */
  cancel(text = ''): void {
    for (const [waiting, stop] of this.timers) {
      if (!waiting.includes(text)) continue;
      stop();
      this.timers.delete(waiting);
    }
  }

  /** Lets the controllers look at everything again, soon: all changes of one turn at once. */
  wake(): void {
    if (this.awake || !this.host.answers) return;
    this.awake = true;
    this.reconciling = this.world.clock.busy(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      await this.reconcile().catch((error: Error) => {
        this.failure = error;
      });
      this.awake = false;
    });
  }

  /** Takes an object away for good. Only for garbage collection. */
  drop(object: KubernetesObject): void {
    delete this.data.objects[this.key(refOf(object))];
    this.cancel(object.metadata.uid);
    this.changed(object, 'DELETED');
  }

  /** Objects of the kind that a CustomResourceDefinition defines. */
  instancesOf(definition: KubernetesObject): KubernetesObject[] {
    const spec = definition['spec'] as { group: string; names: { kind: string } };
    return this.stored(spec.group, spec.names.kind);
  }

  /** Writes an object as it is, past admission. */
  store(object: KubernetesObject, type: Change['type']): KubernetesObject {
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: this.nextVersion() } };
    this.data.objects[this.key(refOf(object))] = stored;
    this.changed(stored, type);
    return structuredClone(stored);
  }

  private async reconcile(): Promise<void> {
    for (let round = 0; round < ROUNDS; round++) {
      let busy = '';
      for (const controller of this.controllers) {
        const before = this.writes;
        if (!this.host.answers) return;
        try {
          await controller.reconcile(this);
        } catch (error) {
          throw new Error(`controller ${controller.name} failed: ${(error as Error).stack}`);
        }
        if (this.writes !== before) busy = controller.name;
      }
      if (!busy) return;
      if (round === ROUNDS - 1) throw new Error(`controller ${busy} still changes objects after ${ROUNDS} rounds`);
    }
  }

  private write(existing: KubernetesObject, wanted: KubernetesObject): KubernetesObject {
    const next = carryOver(existing, withDefaults(this, wanted, existing));
    if (isDeepStrictEqual(next, existing)) return structuredClone(existing);
    admit(this, next, existing);
    const content = ({ metadata: _, status: __, ...rest }: KubernetesObject) => rest;
    if ('spec' in next && !isDeepStrictEqual(content(next), content(existing))) {
      next.metadata.generation = (existing.metadata.generation ?? 1) + 1;
    }
    const stored = this.store(next, 'MODIFIED');
    if (stored.metadata.deletionTimestamp) sweep(this);
    return stored;
  }

  private existing(ref: ObjectRef): KubernetesObject {
    const object = this.data.objects[this.key(ref)];
    if (!object) throw new ApiError(404, 'NotFound', `${this.resource(ref)} "${ref.name}" not found`);
    return object;
  }

  private changed(object: KubernetesObject, type: Change['type']): void {
    this.writes++;
    if (object.kind === 'CustomResourceDefinition') this.customKinds = undefined;
    this.changes.emit('change', { type, object });
    this.world.changed();
    this.wake();
  }

  private nextVersion(): string {
    this.data.resourceVersion = (this.data.resourceVersion ?? 0) + 1;
    return String(this.data.resourceVersion);
  }

  private key({ group, kind, namespace, name }: ObjectRef): string {
    const known = this.kind(group, kind);
    const scope = known?.namespaced === false ? '' : (namespace ?? (known ? 'default' : ''));
    return `${group}/${kind}/${scope}/${name}`;
  }

  private resource(ref: ObjectRef): string {
    const kind = this.kind(ref.group, ref.kind);
    return kind ? resourceName(kind) : `${ref.kind}${ref.group && `.${ref.group}`}`;
  }
}

function established(definition: KubernetesObject, at: string): Record<string, unknown> {
  const spec = definition['spec'] as { names: object; versions: { name: string; storage?: boolean }[] };
  const condition = (type: string, reason: string) => ({ type, status: 'True', reason, lastTransitionTime: at });
  return {
    acceptedNames: spec.names,
    conditions: [condition('NamesAccepted', 'NoConflicts'), condition('Established', 'InitialNamesAccepted')],
    storedVersions: spec.versions.filter((version) => version.storage).map((version) => version.name),
  };
}
