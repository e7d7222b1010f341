import type { Clock } from '../../../clients/clock';
import { Kubectl, KubectlError } from '../../../clients/kubectl';
import type { Workload } from '../../../delivery/rollout/workload';

/** A clock that jumps over every wait. */
export class JumpingClock implements Clock {
  private ms = 0;
  /** Called after each wait. */
  onSleep: (ms: number) => void = () => undefined;

  now(): number {
    return this.ms;
  }

  date(): Date {
    return new Date(Date.UTC(2026, 0, 5) + this.ms);
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.ms += ms;
    this.onSleep(this.ms);
    signal?.throwIfAborted();
  }
}

/** A cluster that answers kubectl from a table: what follows `get` is the key. Everything else is only remembered. */
export class FakeCluster extends Kubectl {
  readonly calls: string[] = [];
  readonly forbidden: string[] = [];

  constructor(readonly objects: Record<string, unknown>) {
    super({ kubeconfig: '/nowhere' });
  }

  override async run(args: readonly string[]): Promise<string> {
    const [verb = '', kind = '', name = ''] = args;
    if (this.forbidden.includes(verb))
      throw new KubectlError(args, `Error from server (Forbidden): ${kind} is forbidden`);
    if (verb === 'annotate' && !(`${kind}/${name}` in this.objects)) {
      throw new KubectlError(args, `Error from server (NotFound): ${kind}s.argoproj.io "${name}" not found`);
    }
    if (verb !== 'get') {
      this.calls.push(args.join(' '));
      return '';
    }
    const key = name && !name.startsWith('--') ? `${kind}/${name}` : kind;
    const found = this.objects[key];
    if (found === undefined) throw new KubectlError(args, `Error from server (NotFound): ${key} not found`);
    return JSON.stringify(found);
  }
}

/** A workload of one pod that has come to the end of its rollout, changed in what a test is about. */
export function workload(kind: 'Deployment' | 'StatefulSet', image: string, status: Workload['status'] = {}): Workload {
  return {
    kind,
    metadata: { name: 'web', namespace: 'shop', generation: 2 },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'web' } },
      template: { spec: { containers: [{ name: 'web', image }] } },
    },
    status: {
      observedGeneration: 2,
      replicas: 1,
      updatedReplicas: 1,
      readyReplicas: 1,
      availableReplicas: 1,
      ...status,
    },
  };
}
