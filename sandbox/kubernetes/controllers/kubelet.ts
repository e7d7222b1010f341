import type { ClusterApi, Controller } from '../api-server/api';
import type { Cluster } from '../api-server/cluster';
import { DURATIONS } from '../api-server/durations';
import { PODS } from '../api-server/objects';
import type { Condition, Container, ContainerStatus, Pod } from '../api-server/pod';
import { refOf, refTo } from '../api-server/reference';
import { builtIn } from './built-in';
import { missingConfig, missingVolumeSource } from './config-references';
import { crash, type ImageSource, type Refusal, refusalOfImage } from './images';
import { refusalOfLocalPath } from './local-path';
import { record } from './record';

/**
 * Simulates the kubelet: takes pods bound to the node from Pending to Running in simulated time, or says what keeps them.
 *
 * A running pod stays running until the machine stops: what it refers to is checked when it starts.
 */
export function kubelet(images: ImageSource): Controller {
  return builtIn('kubelet', (cluster) => {
    for (const pod of cluster.list(PODS)) {
      const isOver =
        pod.metadata.deletionTimestamp || ['Running', 'Succeeded', 'Failed'].includes(pod.status?.phase ?? '');
      if (pod.spec.nodeName && !isOver) admitPod(cluster, images, pod);
    }
  });
}

/** What the kubelet does with all pods when the machine comes up again: their containers start anew. */
export function restartPods(cluster: ClusterApi): void {
  for (const pod of cluster.list(PODS)) {
    if (pod.status?.phase !== 'Running') continue;
    const restarted = (status: ContainerStatus): ContainerStatus => ({
      ...status,
      restartCount: status.restartCount + 1,
    });
    const containerStatuses = pod.status.containerStatuses?.map(restarted);
    cluster.setStatus(refOf(pod), {
      ...pending(cluster, pod, {}),
      containerStatuses: containerStatuses?.map(waiting({})),
    });
  }
}

function admitPod(cluster: Cluster, images: ImageSource, pod: Pod): void {
  const timer = `start of ${pod.metadata.uid}`;
  const refusals = whatKeeps(cluster, images, pod);
  for (const { reason, message } of Object.values(refusals))
    record(cluster, pod, 'Warning', reasonOfEvent(reason), message);
  cluster.setStatus(refOf(pod), pending(cluster, pod, refusals));
  if (Object.keys(refusals).length) {
    cluster.cancel(timer);
    // The registry does not announce a push: the kubelet asks again, when time passes for other reasons.
    cluster.later(
      `retry of ${pod.metadata.uid}`,
      DURATIONS['retry of an image pull'].typical,
      () => cluster.wake(),
      'routine',
    );
    return;
  }
  const isPulled = pod.status?.containerStatuses?.some(({ restartCount }) => restartCount > 0);
  const hasProbe = pod.spec.containers.some(({ readinessProbe }) => readinessProbe);
  const delay = Math.max(
    0,
    ...pod.spec.containers.map(({ readinessProbe }) => readinessProbe?.initialDelaySeconds ?? 0),
  );
  const start = DURATIONS[hasProbe ? 'container start with a readiness probe' : 'container start'].typical;
  const seconds = (isPulled ? 0 : DURATIONS['image pull'].typical) + start + delay;
  cluster.later(timer, seconds, () => run(cluster, images, pod));
}

function run(cluster: Cluster, images: ImageSource, { metadata }: Pod): void {
  const pod = cluster.get(refTo(PODS, metadata.name, metadata.namespace));
  if (!pod || pod.metadata.uid !== metadata.uid || pod.metadata.deletionTimestamp) return;
  if (Object.keys(whatKeeps(cluster, images, pod)).length) {
    cluster.wake();
    return;
  }
  const at = cluster.world.clock.iso();
  const condition = (type: string): Condition => ({ type, status: 'True', lastTransitionTime: at });
  const scheduled = pod.status?.conditions?.filter(({ type }) => type === 'PodScheduled') ?? [];
  const started = (status: ContainerStatus) => ({
    ...status,
    ready: true,
    started: true,
    state: { running: { startedAt: at } },
  });
  cluster.setStatus(refOf(pod), {
    ...pod.status,
    phase: 'Running',
    startTime: pod.status?.startTime ?? at,
    hostIP: cluster.host.address,
    podIP: addressOf(pod),
    conditions: [
      ...scheduled,
      ...['PodReadyToStartContainers', 'Initialized', 'ContainersReady', 'Ready'].map(condition),
    ],
    containerStatuses: statuses(pod, pod.spec.containers, {}).map(started),
    ...(pod.spec.initContainers
      ? { initContainerStatuses: statuses(pod, pod.spec.initContainers, {}).map(initialised(at)) }
      : {}),
  });
}

/** What keeps containers from starting, by container name. A missing volume keeps them all, silently as in reality. */
function whatKeeps(cluster: ClusterApi, images: ImageSource, pod: Pod): Record<string, Refusal> {
  const volume = missingVolumeSource(cluster, pod);
  const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  if (volume) return { [all[0]?.name ?? '']: { reason: 'FailedMount', message: volume } };
  const refusals: Record<string, Refusal> = {};
  for (const container of all) {
    const config = missingConfig(cluster, pod, container);
    const log = refusalOfLocalPath(cluster, pod, container);
    const refusal = config
      ? { reason: 'CreateContainerConfigError', message: config }
      : (refusalOfImage(images, container, cluster.host.architecture) ?? (log && crash(container.name, log)));
    if (refusal) refusals[container.name] = refusal;
  }
  return refusals;
}

function reasonOfEvent(reason: string): string {
  return { FailedMount: 'FailedMount', CrashLoopBackOff: 'BackOff' }[reason] ?? 'Failed';
}

function pending(cluster: ClusterApi, pod: Pod, refusals: Record<string, Refusal>): Record<string, unknown> {
  const unready = (type: string) => {
    const names = pod.spec.containers.map(({ name }) => name).join(' ');
    const old = pod.status?.conditions?.find((condition) => condition.type === type && condition.status === 'False');
    const at = old?.lastTransitionTime ?? cluster.world.clock.iso();
    return {
      type,
      status: 'False',
      reason: 'ContainersNotReady',
      message: `containers with unready status: [${names}]`,
      lastTransitionTime: at,
    };
  };
  return {
    ...pod.status,
    phase: 'Pending',
    startTime: pod.status?.startTime ?? cluster.world.clock.iso(),
    conditions: [
      ...(pod.status?.conditions?.filter(({ type }) => type === 'PodScheduled') ?? []),
      unready('ContainersReady'),
      unready('Ready'),
    ],
    containerStatuses: statuses(pod, pod.spec.containers, refusals).map((status) => waiting(refusals)(status)),
    ...(pod.spec.initContainers
      ? {
          initContainerStatuses: statuses(pod, pod.spec.initContainers, refusals).map((status) =>
            waiting(refusals)(status),
          ),
        }
      : {}),
  };
}

function waiting(refusals: Record<string, Refusal>): (status: ContainerStatus) => ContainerStatus {
  return ({ lastState: _, ...status }) => {
    const refusal = refusals[status.name];
    // A volume that cannot be mounted shows in the container only as "creating"; the reason is in the message.
    const reason = !refusal || refusal.reason === 'FailedMount' ? 'ContainerCreating' : refusal.reason;
    const ended = refusal?.log && {
      lastState: { terminated: { reason: 'Error', exitCode: 255, message: refusal.log } },
    };
    const state = { waiting: { reason, ...(refusal ? { message: refusal.message } : {}) } };
    return { ...status, ready: false, started: false, state, ...(ended || {}) } as ContainerStatus;
  };
}

function statuses(pod: Pod, containers: readonly Container[], refusals: Record<string, Refusal>): ContainerStatus[] {
  const before = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
  return containers.map(({ name, image }) => {
    const crashes = refusals[name]?.log ? 1 : 0;
    const restartCount = Math.max(crashes, before.find((status) => status.name === name)?.restartCount ?? 0);
    return { name, image, imageID: `simulated://${image}`, restartCount, ready: false, state: {} };
  });
}

function initialised(at: string): (status: ContainerStatus) => object {
  const terminated = { reason: 'Completed', exitCode: 0, startedAt: at, finishedAt: at };
  return (status) => ({ ...status, ready: true, state: { terminated } });
}

/** An address of the pod network, derived from the pod's identity. Source: k0s, default of `spec.network.podCIDR`. */
function addressOf(pod: Pod): string {
  const number = Number.parseInt((pod.metadata.uid ?? '').replace(/\D/g, '').slice(-5) || '1', 10);
  return `10.244.0.${2 + (number % 250)}`;
}
