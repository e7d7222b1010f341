import type { World } from '../../world';
import { CloudError } from '../cloud-error';
import { refusalOf } from './error';

/** The scope of a resource: `projects/P/zones/Z` or `projects/P/global`. */
export type Scope = string;

interface Operation {
  readonly resource: Record<string, unknown>;
  readonly finished: Promise<void>;
}

/** The operations of Compute Engine: a call that takes time is answered with one of these, which clients poll or wait for. */
export class Operations {
  private readonly operations = new Map<string, Operation>();

  constructor(private readonly world: World) {}

  /**
   * Starts work. An immediate refusal is thrown; a later failure is reported by the operation.
   *
   * @param kind - as the API names it: `createSnapshot`, `stop`, `delete`.
   */
  async start(kind: string, scope: Scope, target: string, work: () => Promise<unknown>): Promise<unknown> {
    const { clock } = this.world;
    const id = this.world.nextId();
    const name = `operation-${id}`;
    const resource: Record<string, unknown> = {
      kind: 'compute#operation',
      id,
      name,
      operationType: kind,
      status: 'RUNNING',
      progress: 0,
      targetLink: selfLink(target),
      selfLink: selfLink(`${scope}/operations/${name}`),
      ...(scope.includes('/zones/') ? { zone: selfLink(scope) } : {}),
      insertTime: clock.iso(),
      startTime: clock.iso(),
    };
    let failure: unknown;
    const finished = clock.busy(work).then(
      () => this.end(resource),
      (error: unknown) => {
        failure = error;
        const { status: code, reason, message } = refusalOf(error);
        this.end(resource, { httpErrorStatusCode: code, error: { errors: [{ code: reason, message }] } });
      },
    );
    // Whatever takes time takes at least one simulated second, and the clock does not advance until the event loop is idle.
    await Promise.race([finished, new Promise((resolve) => setImmediate(resolve))]);
    if (failure) throw failure;
    this.operations.set(`${scope}/${name}`, { resource, finished });
    return resource;
  }

  /** An operation as it is now, or refuses. */
  get(scope: Scope, name: string): unknown {
    return this.find(scope, name).resource;
  }

  /** An operation when it has ended. */
  async wait(scope: Scope, name: string): Promise<unknown> {
    const { resource, finished } = this.find(scope, name);
    await finished;
    return resource;
  }

  private find(scope: Scope, name: string): Operation {
    const found = this.operations.get(`${scope}/${name}`);
    if (found) return found;
    throw new CloudError({
      status: 404,
      reason: 'notFound',
      message: `The resource '${scope}/operations/${name}' was not found`,
    });
  }

  private end(resource: Record<string, unknown>, outcome: Record<string, unknown> = {}): void {
    Object.assign(resource, { status: 'DONE', progress: 100, endTime: this.world.clock.iso() }, outcome);
  }
}

/** The URL by which the API names a resource. */
export function selfLink(key: string): string {
  return `https://www.googleapis.com/compute/v1/${key}`;
}
