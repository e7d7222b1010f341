import type { KubernetesObject } from '../../world';
import type { ClusterApi, ObjectRef } from '../api-server/api';
import { kindOf } from '../api-server/kind';
import { CONFIG_MAPS } from '../api-server/objects';
import { refTo } from '../api-server/reference';
import type { ApplicationSource } from './render';

/** API group of Argo CD's own kinds. */
export const ARGO = 'argoproj.io';

const TRACKING = 'argocd.argoproj.io/tracking-id';

/** The parts of an Application's spec that the sandbox simulates. */
export interface ApplicationSpec {
  readonly project: string;
  readonly source?: ApplicationSource;
  readonly sources?: readonly ApplicationSource[];
  readonly destination: { readonly server?: string; readonly name?: string; readonly namespace?: string };
  readonly syncPolicy?: {
    readonly automated?: {
      readonly enabled?: boolean;
      readonly prune?: boolean;
      readonly selfHeal?: boolean;
      readonly allowEmpty?: boolean;
    };
    readonly syncOptions?: readonly string[];
    readonly retry?: Retry;
  };
  readonly ignoreDifferences?: readonly Ignored[];
}

/** How often a failed sync is tried again. */
interface Retry {
  /** Below 0 for ever. */
  readonly limit?: number;
  /** Whether a retry takes the newest revision, not the one that failed. @default false */
  readonly refresh?: boolean;
  readonly backoff?: { readonly duration?: string; readonly factor?: number; readonly maxDuration?: string };
}

/** Fields that do not count as a difference. */
export interface Ignored {
  readonly group?: string;
  readonly kind: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly jsonPointers?: readonly string[];
}

/** One line of an operation's result. */
export interface ResourceResult {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly status: 'Synced' | 'SyncFailed' | 'Pruned' | 'PruneSkipped';
  readonly message: string;
  readonly hookPhase: 'Succeeded' | 'Running' | 'Failed';
  readonly syncPhase: 'Sync';
}

/** A sync, running or done. */
export interface OperationState {
  readonly operation: Record<string, unknown>;
  readonly phase: 'Running' | 'Succeeded' | 'Failed' | 'Error';
  readonly message: string;
  readonly startedAt: string;
  readonly finishedAt?: string;
  readonly retryCount?: number;
  readonly syncResult: {
    readonly revision: string;
    readonly source: ApplicationSource;
    readonly resources: readonly ResourceResult[];
  };
}

/** What Argo CD says about one resource of an Application. */
export interface ResourceStatus {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly status: 'Synced' | 'OutOfSync';
  readonly health?: Health;
  readonly requiresPruning?: boolean;
}

/** Health as Argo CD reports it. */
export interface Health {
  readonly status: 'Healthy' | 'Suspended' | 'Progressing' | 'Missing' | 'Degraded' | 'Unknown';
  readonly message?: string;
}

/** Status of an Application. */
export interface ApplicationStatus {
  readonly sync?: { readonly status: string; readonly revision?: string; readonly comparedTo?: unknown };
  readonly health?: Health;
  readonly operationState?: OperationState;
  readonly history?: readonly { readonly id: number; readonly revision: string }[];
  readonly resources?: readonly ResourceStatus[];
  readonly summary?: { readonly images?: readonly string[] };
  readonly conditions?: readonly {
    readonly type: string;
    readonly message: string;
    readonly lastTransitionTime?: string;
  }[];
  readonly [key: string]: unknown;
}

/** An Application as it is stored. */
export type Application = KubernetesObject<ApplicationSpec, ApplicationStatus>;

export const APPLICATIONS = kindOf<Application>(ARGO, 'Application');

/** The Application as it is now, or undefined when it is gone or was created again. */
export function current(cluster: ClusterApi, app: Application): Application | undefined {
  const { namespace, name, uid } = app.metadata;
  const now = cluster.get(applicationRef(namespace ?? '', name));
  return now?.metadata.uid === uid ? now : undefined;
}

/** Names an Application. */
export function applicationRef(namespace: string, name: string): ObjectRef<Application> {
  return refTo(APPLICATIONS, name, namespace);
}

/** Changes some fields of an Application's status; writes nothing when they are so already. */
export function patchStatus(cluster: ClusterApi, app: Application, change: Partial<ApplicationStatus>): void {
  const now = current(cluster, app);
  if (!now) return;
  const same = Object.entries(change).every(
    ([key, value]) => JSON.stringify(now.status?.[key]) === JSON.stringify(value),
  );
  if (same) return;
  const ref = applicationRef(now.metadata.namespace ?? '', now.metadata.name);
  cluster.setStatus(ref, { ...now.status, ...change, reconciledAt: cluster.world.clock.iso() });
}

/** The value of the annotation by which Argo CD knows what it created: `app:group/Kind:namespace/name`. */
export function trackingId(app: string, { group, kind, namespace, name }: ObjectRef): string {
  return `${app}:${group}/${kind}:${namespace ?? ''}/${name}`;
}

/** An object marked as created by an Application. */
export function track(object: KubernetesObject, id: string): KubernetesObject {
  const annotations = { ...object.metadata.annotations, [TRACKING]: id };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** The tracking mark of an object, if it has one. */
export function trackedBy(object: KubernetesObject): string | undefined {
  return object.metadata.annotations?.[TRACKING];
}

/** Whether an object's own annotation sets a sync option such as `Prune=false`. */
export function hasOption(object: KubernetesObject, option: string): boolean {
  const options = object.metadata.annotations?.['argocd.argoproj.io/sync-options'] ?? '';
  return options.split(',').some((given) => given.trim() === option);
}

/** Whether a person has confirmed what waits for it, after `since` (RFC 3339). */
export function isConfirmed(app: Application, since: string): boolean {
  const approved = app.metadata.annotations?.['argocd.argoproj.io/deletion-approved'];
  return approved !== undefined && Date.parse(approved) >= Date.parse(since);
}

/** What `argocd-cm` says. */
export function settings(cluster: ClusterApi): Readonly<Record<string, string>> {
  const found = cluster.list(CONFIG_MAPS).find(({ metadata }) => metadata.name === 'argocd-cm');
  return found?.data ?? {};
}
