import type { KubernetesObject } from '../../world';
import { kindOf } from './kind';
import type { LabelSelector } from './labels';
import type { Condition, Pod, PodTemplate } from './pod';

/** Counters and conditions in the status of a workload. */
export interface WorkloadStatus {
  readonly observedGeneration?: number;
  readonly replicas?: number;
  readonly readyReplicas?: number;
  readonly updatedReplicas?: number;
  readonly availableReplicas?: number;
  readonly currentRevision?: string;
  readonly conditions?: readonly Condition[];
}

/** A Deployment as the API server stores it, defaults included. */
export type Deployment = KubernetesObject<
  {
    readonly replicas: number;
    readonly paused?: boolean;
    readonly progressDeadlineSeconds: number;
    readonly revisionHistoryLimit: number;
    readonly selector: LabelSelector;
    readonly template: PodTemplate;
    readonly strategy: {
      readonly type: string;
      readonly rollingUpdate?: { readonly maxSurge: number | string; readonly maxUnavailable: number | string };
    };
  },
  WorkloadStatus
>;

/** A ReplicaSet. */
export type ReplicaSet = KubernetesObject<
  { readonly replicas: number; readonly selector: LabelSelector; readonly template: PodTemplate },
  WorkloadStatus
>;

/** A StatefulSet. */
export type StatefulSet = KubernetesObject<
  {
    readonly replicas: number;
    readonly podManagementPolicy: string;
    readonly selector: LabelSelector;
    readonly updateStrategy: { readonly type: string; readonly rollingUpdate?: { readonly partition?: number } };
    readonly template: PodTemplate;
    readonly volumeClaimTemplates?: readonly Claim[];
  },
  WorkloadStatus
>;

/** A DaemonSet. */
export type DaemonSet = KubernetesObject<{ readonly selector: LabelSelector; readonly template: PodTemplate }>;

/** A Job. */
export type Job = KubernetesObject<
  {
    readonly completions: number;
    readonly parallelism: number;
    readonly ttlSecondsAfterFinished?: number;
    readonly suspend?: boolean;
    readonly template: PodTemplate;
  },
  { readonly conditions?: readonly Condition[]; readonly startTime?: string; readonly completionTime?: string }
>;

/** A PersistentVolumeClaim. */
export type Claim = KubernetesObject<
  {
    readonly storageClassName?: string;
    readonly volumeName?: string;
    readonly accessModes: readonly string[];
    readonly resources?: { readonly requests?: { readonly storage?: string } };
  },
  { readonly phase?: string; readonly conditions?: readonly Condition[] }
>;

/** A PersistentVolume. */
export type Volume = KubernetesObject<
  {
    readonly claimRef?: { readonly namespace: string; readonly name: string; readonly uid?: string };
    readonly storageClassName?: string;
    readonly capacity?: { readonly storage?: string };
    readonly accessModes: readonly string[];
    readonly persistentVolumeReclaimPolicy: string;
    readonly nodeAffinity?: { readonly required?: { readonly nodeSelectorTerms?: readonly LabelSelector[] } };
  },
  { readonly phase?: string }
>;

/** A StorageClass. */
export interface StorageClass extends KubernetesObject {
  provisioner: string;
  reclaimPolicy?: string;
  volumeBindingMode?: string;
  allowVolumeExpansion?: boolean;
}

/** A ConfigMap. */
export interface ConfigMap extends KubernetesObject {
  data?: Readonly<Record<string, string>>;
  binaryData?: Readonly<Record<string, string>>;
}

/** A Secret; its data is base64. */
export interface Secret extends KubernetesObject {
  type?: string;
  data?: Readonly<Record<string, string>>;
  /** Values as plain text, which the API server moves to `data`. */
  stringData?: Readonly<Record<string, string>>;
}

/** A Service. */
export type Service = KubernetesObject<
  {
    readonly type: string;
    readonly clusterIP?: string;
    readonly ports?: readonly {
      readonly port: number;
      readonly nodePort?: number;
      readonly name?: string;
      readonly protocol?: string;
    }[];
  },
  { readonly loadBalancer?: { readonly ingress?: readonly unknown[] } }
>;

/** A Namespace. */
export type Namespace = KubernetesObject<{ readonly finalizers?: readonly string[] }, { readonly phase?: string }>;

/** A Node. */
export type Node = KubernetesObject<object, { readonly conditions?: readonly Condition[] }>;

/** A Role or a ClusterRole. */
export interface Role extends KubernetesObject {
  rules?: readonly {
    readonly verbs?: readonly string[];
    readonly apiGroups?: readonly string[];
    readonly resources?: readonly string[];
    readonly resourceNames?: readonly string[];
  }[];
}

export const PODS = kindOf<Pod>('', 'Pod');
export const DEPLOYMENTS = kindOf<Deployment>('apps', 'Deployment');
export const REPLICA_SETS = kindOf<ReplicaSet>('apps', 'ReplicaSet');
export const STATEFUL_SETS = kindOf<StatefulSet>('apps', 'StatefulSet');
export const DAEMON_SETS = kindOf<DaemonSet>('apps', 'DaemonSet');
export const JOBS = kindOf<Job>('batch', 'Job');
export const CLAIMS = kindOf<Claim>('', 'PersistentVolumeClaim');
export const VOLUMES = kindOf<Volume>('', 'PersistentVolume');
export const STORAGE_CLASSES = kindOf<StorageClass>('storage.k8s.io', 'StorageClass');
export const CONFIG_MAPS = kindOf<ConfigMap>('', 'ConfigMap');
export const SECRETS = kindOf<Secret>('', 'Secret');
export const SERVICES = kindOf<Service>('', 'Service');
export const ROLES = kindOf<Role>('rbac.authorization.k8s.io', 'Role');
export const CLUSTER_ROLES = kindOf<Role>('rbac.authorization.k8s.io', 'ClusterRole');
export const NODES = kindOf<Node>('', 'Node');
export const NAMESPACES = kindOf<Namespace>('', 'Namespace');
