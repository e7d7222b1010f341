import { parseAllDocuments } from 'yaml';

/** A container, with the fields that a rollout checks. */
interface Container {
  readonly name: string;
  readonly image: string;
}

/** A Deployment or StatefulSet in the API. */
export interface Workload {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly generation?: number };
  readonly spec: {
    readonly replicas?: number;
    readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
    readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: { readonly partition?: number } };
    readonly template: { readonly spec: { readonly containers: readonly Container[] } };
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
    readonly availableReplicas?: number;
    readonly currentRevision?: string;
    readonly updateRevision?: string;
    readonly conditions?: readonly { readonly type: string; readonly reason?: string; readonly message?: string }[];
  };
}

/** The progress of a workload. `message` is what it waits for, or why it failed. */
export interface Progress {
  readonly state: 'done' | 'waiting' | 'failed';
  readonly message: string;
}

/** Kinds whose pods are rolled out by their controller. */
const KINDS = ['Deployment', 'StatefulSet'];

/** The Deployments and StatefulSets in rendered manifests. @param namespace - default namespace. */
export function workloadsIn(manifests: string, namespace: string): Workload[] {
  return parseAllDocuments(manifests).flatMap((document) => {
    const object = document.toJS() as Workload | null;
    if (!object || !KINDS.includes(object.kind)) return [];
    return [{ ...object, metadata: { ...object.metadata, namespace: object.metadata.namespace ?? namespace } }];
  });
}

/** True if a container of the workload runs an image of the repository. */
export function runs({ spec }: Workload, repository: string): boolean {
  return spec.template.spec.containers.some(({ image }) => image.startsWith(`${repository}:`));
}

/** `deployment/nextjs`, as kubectl names it. */
export function nameOf({ kind, metadata }: Workload): string {
  return `${kind.toLowerCase()}/${metadata.name}`;
}

/** The differences between the wanted images of a workload and those in its template. */
export function imageDifferences(wanted: Workload, live: Workload | undefined): string[] {
  if (!live) return [`${nameOf(wanted)} does not exist`];
  const running = new Map(live.spec.template.spec.containers.map(({ name, image }) => [name, image]));
  return wanted.spec.template.spec.containers.flatMap(({ name, image }) =>
    running.get(name) === image
      ? []
      : [`${nameOf(wanted)}: wants ${image}, has ${running.get(name) ?? `no container ${name}`}`],
  );
}

/**
 * The progress of a workload towards running its newest template in all pods.
 *
 * Source: the rules of `kubectl rollout status`, kubernetes/kubectl pkg/polymorphichelpers/rollout_status.go.
 */
export function progressOf(live: Workload): Progress {
  const { metadata, spec, status = {} } = live;
  const name = nameOf(live);
  const wanted = spec.replicas ?? 1;
  const waiting = (message: string): Progress => ({ state: 'waiting', message: `${name}: ${message}` });
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0))
    return waiting('its controller has not processed the change yet');
  const stalled = status.conditions?.find(({ reason }) => reason === 'ProgressDeadlineExceeded');
  if (stalled)
    return { state: 'failed', message: `${name}: ${stalled.message ?? 'it exceeded its progress deadline'}` };
  const updated = status.updatedReplicas ?? 0;
  const kept = live.kind === 'StatefulSet' ? (spec.updateStrategy?.rollingUpdate?.partition ?? 0) : 0;
  if (updated < wanted - kept) return waiting(`${updated} of ${wanted - kept} pods are updated`);
  if ((status.replicas ?? 0) > wanted)
    return waiting(`${(status.replicas ?? 0) - wanted} old pods are still terminating`);
  const ready = (live.kind === 'StatefulSet' ? status.readyReplicas : status.availableReplicas) ?? 0;
  if (ready < wanted) return waiting(`${ready} of ${wanted} pods are ready`);
  return { state: 'done', message: `${name}: ${wanted} of ${wanted} pods are ready` };
}
