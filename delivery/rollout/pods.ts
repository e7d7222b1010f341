import { type Kubectl, KubectlError } from '../../clients/kubectl';
import type { Workload } from './workload';

/** A pod, with the fields that a rollout checks. */
export interface Pod {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
    readonly containerStatuses?: readonly {
      readonly name: string;
      readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
      readonly lastState?: { readonly terminated?: { readonly reason?: string; readonly exitCode?: number } };
    }[];
  };
}

interface Event {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly involvedObject?: { readonly kind?: string; readonly name?: string };
}

/** Events that are shown for one failure, newest last. */
const EVENTS = 10;

/** Label of a StatefulSet's pod with the revision of the template that it was created from. */
const REVISION = 'controller-revision-hash';

/** Why the pods of a workload are not ready, and warnings about them, one line each. */
export async function diagnose(kubectl: Kubectl, workload: Workload): Promise<string[]> {
  const namespace = workload.metadata.namespace ?? 'default';
  const pods = (await podsOf(kubectl, workload)).filter((pod) => !isReady(pod));
  const { items: events } = await kubectl.json<{ items: readonly Event[] }>([
    'get',
    'events',
    `--namespace=${namespace}`,
    '--field-selector=type=Warning',
    '--sort-by=.lastTimestamp',
  ]);
  const names = new Set([workload.metadata.name, ...pods.map(({ metadata }) => metadata.name)]);
  return [
    ...pods.map((pod) => `pod ${pod.metadata.name}: ${reasonOf(pod)}`),
    ...events
      .filter(({ involvedObject }) => names.has(involvedObject?.name ?? ''))
      .slice(-EVENTS)
      .map(({ reason, message, involvedObject }) => `event ${involvedObject?.name}: ${reason}: ${message}`),
  ];
}

/**
 * Deletes pods of a StatefulSet that belong to another revision and are not ready: its controller waits for them forever, even
 * after its template was fixed. Source: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback
 *
 * @returns what was done, or the command that a person has to run if this identity has no permission.
 */
export async function releaseStuckPods(kubectl: Kubectl, workload: Workload): Promise<string[]> {
  const revision = workload.status?.updateRevision;
  if (workload.kind !== 'StatefulSet' || !revision) return [];
  const stuck = (await podsOf(kubectl, workload)).filter(
    (pod) => !isReady(pod) && pod.metadata.labels?.[REVISION] !== revision,
  );
  const lines: string[] = [];
  for (const { metadata } of stuck) {
    const args = ['delete', 'pod', metadata.name, `--namespace=${workload.metadata.namespace}`, '--wait=false'];
    try {
      await kubectl.run(args);
      lines.push(`deleted pod ${metadata.name}, which was stuck at an older revision`);
    } catch (error) {
      if (!(error instanceof KubectlError && error.reason === 'Forbidden')) throw error;
      lines.push(`pod ${metadata.name} is stuck at an older revision; run kubectl ${args.join(' ')}`);
    }
  }
  return lines;
}

async function podsOf(kubectl: Kubectl, { metadata, spec }: Workload): Promise<readonly Pod[]> {
  const labels = Object.entries(spec.selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  const { items } = await kubectl.json<{ items: readonly Pod[] }>([
    'get',
    'pods',
    `--namespace=${metadata.namespace}`,
    `--selector=${labels.join(',')}`,
  ]);
  return items;
}

/** True when a pod may get requests. */
export function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;
}

/** Why a pod is not ready, as Kubernetes reports it. */
export function reasonOf({ status }: Pod): string {
  const container = status?.containerStatuses?.find(({ state }) => state?.waiting);
  const waiting = container?.state?.waiting;
  const last = container?.lastState?.terminated;
  if (waiting) {
    const ended = last ? ` (ended with ${last.reason} ${last.exitCode})` : '';
    return `${waiting.reason}${waiting.message ? `: ${waiting.message}` : ''}${ended}`;
  }
  const unmet = status?.conditions?.find((one) => one.status !== 'True' && one.message);
  return unmet?.message ?? status?.phase ?? 'Unknown';
}
