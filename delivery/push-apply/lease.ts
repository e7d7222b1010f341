import type { Clock } from '../../clients/clock';
import { type Kubectl, KubectlError } from '../../clients/kubectl';
import { RefusedError } from '../../errors';

/** Data that annotations of the Lease keep between deployments. */
export interface LeaseMemory {
  /** The last commit with a verified rollout, to which a failed one is rolled back. */
  readonly deployedCommit?: string;
  /** Who last took over fields of another field manager, when and why. */
  readonly forcedConflicts?: string;
}

interface Lease {
  readonly apiVersion: 'coordination.k8s.io/v1';
  readonly kind: 'Lease';
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly resourceVersion?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
}

/** Time for which a client must have seen the Lease unchanged before it takes it over. */
const DURATION_MS = 180_000;
const RENEW_MS = 30_000;
/** Time after which a holder that cannot renew the Lease stops, before another client can take it over. */
const RENEW_DEADLINE_MS = 120_000;
const POLL_MS = 10_000;
const PATIENCE_MS = 300_000;

const DEPLOYED = 'strata.dev/deployed-commit';
const FORCED = 'strata.dev/forced-conflicts';

/** A Lease, and the client that takes it. */
export interface LeaseOptions {
  readonly kubectl: Kubectl;
  readonly clock: Clock;
  readonly namespace: string;
  /** `<platform>-<env>`. */
  readonly name: string;
  /** The run, `postgres (run 123456789.1)`. */
  readonly holder: string;
  /** Called after each check while another client holds it. */
  readonly onWait?: (message: string) => void;
}

/**
 * The Lease that one deployment at a time holds in the cluster that it applies to: the lock in Git fences writes to Git, not
 * to a cluster.
 *
 * Each change names the resourceVersion that it was made from, so that of two who take it at once one is refused. Expiry
 * counts the time for which this client has seen it unchanged, never the clock of another machine.
 */
export class DeploymentLease {
  private readonly losing = new AbortController();
  private readonly renewing = new AbortController();
  /** Aborted, with the reason, when somebody else has taken it. */
  readonly lost = this.losing.signal;
  private queue: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly options: LeaseOptions,
    private current: Lease,
  ) {}

  /** Takes the Lease, and waits up to 5 minutes for it. @throws {RefusedError} naming its holder */
  static async take(options: LeaseOptions): Promise<DeploymentLease> {
    const { clock, holder, name, onWait } = options;
    const start = clock.now();
    let seen: { version?: string; at: number } | undefined;
    for (;;) {
      const asked = clock.now();
      const found = await read(options);
      const version = found?.metadata.resourceVersion;
      if (seen?.version !== version || !seen) seen = { ...(version && { version }), at: clock.now() };
      const holding = found?.spec.holderIdentity;
      if (!holding || asked - seen.at >= DURATION_MS) {
        const taken = await write(options, held(options, found));
        if (taken) return new DeploymentLease(options, taken).renewed();
        continue;
      }
      const waited = Math.round((clock.now() - start) / 1000);
      const message = `lease ${name} is held by ${holding} since ${found?.spec.renewTime}; ${holder} has waited ${waited} s`;
      if (clock.now() - start >= PATIENCE_MS) {
        throw new RefusedError(`${message}; run this again later`);
      }
      onWait?.(message);
      await clock.sleep(POLL_MS);
    }
  }

  /** Reads the data of earlier deployments without taking the Lease. */
  static async read(options: LeaseOptions): Promise<LeaseMemory> {
    return memoryOf(await read(options));
  }

  /** Data of earlier deployments. */
  get memory(): LeaseMemory {
    return memoryOf(this.current);
  }

  /** Stores data for later deployments. @throws {RefusedError} if the Lease is lost */
  remember({ deployedCommit, forcedConflicts }: LeaseMemory): Promise<void> {
    const annotations = {
      ...this.current.metadata.annotations,
      ...(deployedCommit && { [DEPLOYED]: deployedCommit }),
      ...(forcedConflicts && { [FORCED]: forcedConflicts }),
    };
    return this.change((lease) => ({ ...lease, metadata: { ...lease.metadata, annotations } }));
  }

  /** Releases it, unless another client holds it. */
  async release(): Promise<void> {
    this.renewing.abort();
    if (this.lost.aborted) return;
    await this.change((lease) => ({ ...lease, spec: { ...lease.spec, holderIdentity: '' } })).catch(
      (error: unknown) => {
        if (!this.lost.aborted) throw error;
      },
    );
  }

  /** Renews it in the background until it is released or lost. */
  private renewed(): this {
    const { clock } = this.options;
    let renewedAt = clock.now();
    const renew = async () => {
      for (;;) {
        await clock.sleep(RENEW_MS, this.renewing.signal);
        try {
          await this.change((lease) => ({ ...lease, spec: { ...lease.spec, renewTime: timeOf(clock) } }));
          renewedAt = clock.now();
        } catch (error) {
          if (this.lost.aborted) return;
          if (clock.now() - renewedAt >= RENEW_DEADLINE_MS) return this.losing.abort(error);
        }
      }
    };
    // Released, or lost: then `lost` is aborted.
    renew().catch(() => undefined);
    return this;
  }

  /** One change at a time: each is made from the version before. */
  private change(edit: (lease: Lease) => Lease): Promise<void> {
    const result = this.queue.then(async () => {
      this.lost.throwIfAborted();
      const written = await write(this.options, edit(this.current));
      if (written) {
        this.current = written;
        return;
      }
      const now = await read(this.options);
      const error = new RefusedError(
        `lease ${this.options.name} is lost: ${now?.spec.holderIdentity || 'somebody else'} has changed it`,
      );
      this.losing.abort(error);
      throw error;
    });
    this.queue = result.catch(() => undefined);
    return result;
  }
}

function held({ name, namespace, holder, clock }: LeaseOptions, found: Lease | undefined): Lease {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace, ...found?.metadata },
    spec: {
      holderIdentity: holder,
      leaseDurationSeconds: DURATION_MS / 1000,
      renewTime: timeOf(clock),
      leaseTransitions: (found?.spec.leaseTransitions ?? 0) + 1,
    },
  };
}

function memoryOf(lease: Lease | undefined): LeaseMemory {
  const { [DEPLOYED]: deployedCommit, [FORCED]: forcedConflicts } = lease?.metadata.annotations ?? {};
  return { ...(deployedCommit && { deployedCommit }), ...(forcedConflicts && { forcedConflicts }) };
}

function read({ kubectl, namespace, name }: LeaseOptions): Promise<Lease | undefined> {
  return kubectl.find<Lease>(['get', 'lease', name, `--namespace=${namespace}`]);
}

/** Creates or replaces it; undefined if another client was faster. */
async function write({ kubectl }: LeaseOptions, lease: Lease): Promise<Lease | undefined> {
  const verb = lease.metadata.resourceVersion ? 'replace' : 'create';
  return kubectl.json<Lease>([verb, '--filename=-'], JSON.stringify(lease)).catch((error: unknown) => {
    if (error instanceof KubectlError && ['Conflict', 'AlreadyExists', 'NotFound'].includes(error.reason ?? ''))
      return undefined;
    throw error;
  });
}

/** A moment as a Lease has it: a MicroTime. */
function timeOf(clock: Clock): string {
  return clock.date().toISOString().replace('Z', '000Z');
}
