import { same } from '../../json';
import type { ClusterData, KubernetesObject, World } from '../../world';
import type { Write } from '../schemas/refusal';
import { admit, normalise } from './admission';
import { ApiError, type ClusterApi, type ClusterHost, type Controller, type ObjectRef } from './api';
import { withDefaults } from './defaults';
import { DEFINITIONS } from './definition';
import { sweep } from './garbage';
import { isOf } from './kind';
import { establishedStatus } from './kinds';
import { carryOver, withOwnedLabels, withStatus } from './merge';
import { type Change, ObjectStore } from './object-store';
import { DEPLOYMENTS, NAMESPACES, STATEFUL_SETS } from './objects';
import { reconcile } from './reconcile';
import { refOf, refTo } from './reference';
import { Timers } from './timers';

/** The API server of the cluster on one machine's disk. Wakes its controllers after every write. */
export class Cluster extends ObjectStore implements ClusterApi {
  private readonly timers: Timers;
  private awake = false;
  private reconciling: Promise<void> | undefined;
  private failure: Error | undefined;

  /** @param machineKey - key in `WorldData.machines`. */
  constructor(
    world: World,
    private readonly machineKey: string,
    data: ClusterData,
    private readonly controllers: readonly Controller[],
  ) {
    super(world, data);
    this.timers = new Timers(world.clock, () => this.host.answers);
  }

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

  /**
   * Creates or updates. An object that carries a resourceVersion was read before and replaces what is there; one without
   * is applied: labels and annotations of others stay, and so do finalizers and owners.
   */
  apply<T extends KubernetesObject>(object: T): T {
    const wanted = normalise(this, object);
    const existing = this.get(refOf(wanted));
    if (!existing) return this.insert(object, 'apply');
    const isReplace = wanted.metadata.resourceVersion !== undefined;
    return isReplace
      ? this.write(existing, wanted, 'replace')
      : this.write(existing, withOwnedLabels(existing, wanted), 'apply');
  }

  /** Replaces what is there. Refuses by 409 when it has changed since the resourceVersion given. */
  replace<T extends KubernetesObject>(object: T): T {
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
    return this.write(existing, wanted, 'replace');
  }

  create<T extends KubernetesObject>(object: T): T {
    return this.insert(object, 'replace');
  }

  private insert<T extends KubernetesObject>(object: T, write: Write): T {
    const wanted = normalise(this, object);
    const ref = refOf(wanted);
    if (this.data.objects[this.key(ref)]) {
      throw new ApiError(409, 'AlreadyExists', `${this.resource(ref)} "${ref.name}" already exists`);
    }
    const filled = withOwnedLabels(undefined, withDefaults(this, wanted));
    admit(this, filled, undefined, write);
    const metadata = {
      ...filled.metadata,
      uid: this.world.uuid(),
      creationTimestamp: this.world.clock.iso(),
      ...('spec' in filled ? { generation: 1 } : {}),
    };
    return this.store(withStatus({ ...filled, metadata }, this.firstStatus(filled)), 'ADDED');
  }

  private firstStatus(object: KubernetesObject): object | undefined {
    if (isOf(NAMESPACES, object)) return { phase: 'Active' };
    return isOf(DEFINITIONS, object) ? establishedStatus(object, this.world.clock.iso()) : undefined;
  }

  /** What `apply` would store, refusals included; nothing is written. */
  preview<T extends KubernetesObject>(object: T): T {
    const wanted = normalise(this, object);
    const existing = this.get(refOf(wanted));
    const filled = withDefaults(this, wanted, existing);
    admit(this, filled, existing, 'apply');
    return existing ? carryOver(existing, filled) : filled;
  }

  delete(ref: ObjectRef): void {
    const existing = this.existing(ref);
    if (!existing.metadata.deletionTimestamp) {
      const marked = structuredClone(existing);
      marked.metadata.deletionTimestamp = this.world.clock.iso();
      if (isOf(NAMESPACES, marked)) marked.status = { ...marked.status, phase: 'Terminating' };
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
    const workload = this.get(refTo(DEPLOYMENTS, name, namespace)) ?? this.get(refTo(STATEFUL_SETS, name, namespace));
    return (workload?.status?.readyReplicas ?? 0) > 0;
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
    this.timers.set(key, seconds, fire, kind);
  }

  /** Drops what waits under keys with that text in them, or under every key. */
  cancel(text = ''): void {
    this.timers.drop(text);
  }

  /** Lets the controllers check everything again, soon: all changes of one turn at once. */
  wake(): void {
    if (this.awake || !this.host.answers) return;
    this.awake = true;
    this.reconciling = this.world.clock.busy(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      let seen: number | undefined;
      do {
        seen = await reconcile(this, this.controllers, () => this.writes).catch((error: Error) => {
          this.failure = error;
          return undefined;
        });
        // What others wrote after the last check has not been checked.
      } while (seen !== undefined && seen !== this.writes && this.host.answers);
      this.awake = false;
    });
  }

  protected override wrote({ type, object }: Change): void {
    if (type === 'DELETED') this.cancel(object.metadata.uid);
    this.wake();
  }

  private write<T extends KubernetesObject>(existing: T, wanted: T, write: Write): T {
    const next = carryOver(existing, withDefaults(this, wanted, existing));
    if (same(next, existing)) return existing;
    admit(this, next, existing, write);
    const content = ({ metadata: _, status: __, ...rest }: KubernetesObject) => rest;
    if ('spec' in next && !same(content(next), content(existing))) {
      next.metadata.generation = (existing.metadata.generation ?? 1) + 1;
    }
    const stored = this.store(next, 'MODIFIED');
    if (stored.metadata.deletionTimestamp) sweep(this);
    return stored;
  }
}
