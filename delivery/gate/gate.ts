import { UsageError } from '../../errors';
import { type Environment, environmentOf, type Platform } from '../../platforms/schema/define-platform';
import type { CommitId, RefStore } from '../git/ref-store';
import { readApproval } from './approvals';
import { type Control, controlPath, readControl } from './control';
import { deliverables } from './control-rules';
import { type Decision, decide, type GateRequest } from './decide';

/** A question to the gate of an environment. */
export type Question = Pick<GateRequest, 'service' | 'version' | 'trigger'>;

/**
 * The gate of an environment. It reads `deploy-control.yaml` and approvals from the default branch of the platform's repository
 * at that moment, not from the checkout, so that a repeated run sees a kill switch that was set since.
 *
 * @example
 * const gate = await Gate.read(platform, 'prod', store);
 * const { verdict, reasons } = await gate.ask({ service: 'nextjs', version: '8caff6f', trigger: 'manual' }, new Date());
 */
export class Gate {
  private constructor(
    private readonly platform: Platform,
    private readonly environment: string,
    private readonly described: Environment,
    private readonly store: RefStore,
    private readonly head: CommitId,
    /** Undefined if the environment's delivery has no gate: then only its power schedule matters. */
    readonly control: Control | undefined,
  ) {}

  /**
   * Reads the files that the gate needs.
   *
   * @param store - the platform's repository
   * @throws {UsageError} when the branch has no `deploy-control.yaml`
   * @throws {PlatformError} for an unknown environment, or a file that is not valid
   */
  static async read(platform: Platform, environment: string, store: RefStore): Promise<Gate> {
    const described = environmentOf(platform, environment);
    if (!described.delivery.gate) return new Gate(platform, environment, described, store, '', undefined);
    const { url, branch } = platform.repository;
    const ref = `refs/heads/${branch}`;
    const { [ref]: head = null } = await store.read(ref);
    const text = head === null ? undefined : await store.file(head, controlPath(platform.name));
    if (head === null || text === undefined) {
      throw new UsageError(`branch "${branch}" of ${url} has no ${controlPath(platform.name)}; commit it there`);
    }
    return new Gate(platform, environment, described, store, head, readControl(platform, text));
  }

  /** Decides whether a service may be deployed now. @throws {UsageError} for a service that the platform does not have */
  async ask(question: Question, now: Date): Promise<Decision> {
    const { cluster } = this.described;
    assertService(this.platform, question.service);
    const approval = await this.approvalOf(question);
    const request: GateRequest = {
      ...question,
      platform: this.platform.name,
      environment: this.environment,
      approvals: approval ? [approval] : [],
      power: cluster.kind === 'k0s-vm' ? cluster.power : undefined,
    };
    return decide(this.control, request, now);
  }

  private async approvalOf({ service, version }: Question) {
    if (!this.control || version === undefined) return undefined;
    const subject = { platform: this.platform.name, environment: this.environment, service, version };
    return readApproval(this.store, this.head, subject);
  }
}

/** @throws {UsageError} listing the services and own images of the platform. */
export function assertService(platform: Pick<Platform, 'name' | 'services' | 'images'>, service: string): void {
  const known = deliverables(platform);
  if (known.includes(service)) return;
  throw new UsageError(
    `unknown service "${service}" in platform "${platform.name}"; expected one of ${known.join(', ')}`,
  );
}
