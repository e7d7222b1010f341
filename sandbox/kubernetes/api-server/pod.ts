import type { KubernetesObject } from '../../world';
import type { LabelSelector } from './labels';

/** A container of a pod, as far as the sandbox reads it. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: {
      readonly secretKeyRef?: KeyRef;
      readonly configMapKeyRef?: KeyRef;
      readonly fieldRef?: { readonly fieldPath: string };
    };
  }[];
  readonly envFrom?: readonly { readonly secretRef?: NameRef; readonly configMapRef?: NameRef }[];
  readonly resources?: { readonly requests?: Record<string, string>; readonly limits?: Record<string, string> };
  readonly imagePullPolicy?: string;
  readonly ports?: readonly {
    readonly name?: string;
    readonly containerPort?: number;
    readonly hostPort?: number;
    readonly protocol?: string;
  }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly startupProbe?: object;
  readonly livenessProbe?: object;
  readonly readinessProbe?: { readonly initialDelaySeconds?: number };
  readonly restartPolicy?: string;
  readonly securityContext?: SecurityContext;
}

/** A reference to one key of a Secret or ConfigMap. */
export interface KeyRef {
  readonly name: string;
  readonly key: string;
  readonly optional?: boolean;
}

/** A reference to a Secret or ConfigMap as a whole. */
interface NameRef {
  readonly name: string;
  readonly optional?: boolean;
}

/** Security settings of a pod or a container. */
export interface SecurityContext {
  readonly privileged?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly capabilities?: { readonly add?: string[]; readonly drop?: string[] };
  readonly seccompProfile?: { readonly type: string };
}

/** A volume of a pod. */
export interface Volume {
  readonly name: string;
  readonly persistentVolumeClaim?: { readonly claimName: string };
  readonly secret?: { readonly secretName: string; readonly optional?: boolean; readonly items?: { key: string }[] };
  readonly configMap?: { readonly name: string; readonly optional?: boolean; readonly items?: { key: string }[] };
  readonly projected?: { readonly sources?: readonly { readonly secret?: NameRef; readonly configMap?: NameRef }[] };
  readonly [kind: string]: unknown;
}

/** Spec of a pod. */
export interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly Volume[];
  readonly nodeName?: string;
  readonly nodeSelector?: Record<string, string>;
  readonly affinity?: {
    readonly nodeAffinity?: {
      readonly requiredDuringSchedulingIgnoredDuringExecution?: {
        readonly nodeSelectorTerms?: readonly LabelSelector[];
      };
    };
  };
  readonly serviceAccountName?: string;
  readonly priorityClassName?: string;
  readonly restartPolicy?: string;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly securityContext?: SecurityContext;
}

/** A condition in a status. */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

/** What a container does now, or did before. */
interface ContainerState {
  readonly waiting?: { readonly reason: string; readonly message?: string };
  readonly running?: { readonly startedAt: string };
  readonly terminated?: { readonly reason: string; readonly exitCode: number; readonly message?: string };
}

/** What became of a container. */
export interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly state: ContainerState;
  readonly lastState?: ContainerState;
  readonly [field: string]: unknown;
}

/** A pod, typed. */
export type Pod = KubernetesObject<
  PodSpec,
  {
    readonly phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly startTime?: string;
    readonly [field: string]: unknown;
  }
>;

/** A pod template inside a workload. */
export interface PodTemplate {
  readonly metadata?: { readonly labels?: Record<string, string>; readonly annotations?: Record<string, string> };
  readonly spec: PodSpec;
}

/** Whether a pod's Ready condition holds and it is not being deleted. */
export function isReady(pod: Pod): boolean {
  return (
    !pod.metadata.deletionTimestamp &&
    (pod.status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True')
  );
}

/** Why a pod does not run, as `kubectl describe` shows it; undefined when it runs. */
export function problemOf(pod: Pod): string | undefined {
  const waiting = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]
    .map(
      ({ name, state }) =>
        state.waiting && `container ${name}: ${state.waiting.reason}: ${state.waiting.message ?? ''}`,
    )
    .find((text) => text && !/: ContainerCreating: $/.test(text));
  if (waiting) return waiting;
  const unmet = pod.status?.conditions?.find(({ status, message }) => status === 'False' && message);
  return unmet && `${unmet.reason}: ${unmet.message}`;
}
