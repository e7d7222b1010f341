/** One simulated resource by its Terraform type and cloud key; `values` are the attributes as its provider shows them. */
export interface CloudObject {
  readonly type: string;
  readonly key: string;
  values: Record<string, unknown>;
  readonly hidden?: HiddenFacts;
}

/** Facts about a resource that its provider does not show. */
export interface HiddenFacts {
  /** Google created it unasked, as it does subnetworks of a network in auto mode, and deletes it with the network. */
  readonly createdByGoogle?: true;
  /** Disks and snapshots: the architecture of the guest. */
  readonly guestArchitecture?: 'X86_64' | 'ARM64';
  /** Snapshots: the id of the disk that it was taken of. */
  readonly sourceDiskId?: string;
  /** Snapshots: key of the snapshot schedule that it was taken by. */
  readonly snapshotSchedule?: string;
  /** IAM grants: the moment from which it counts, in milliseconds since the epoch. */
  readonly effectiveFrom?: number;
}

/** One object of a simulated bucket. */
export interface StoredObject {
  readonly generation: string;
  readonly metageneration: string;
  readonly contentType: string;
  readonly updated: string;
  /** Base64, so that the world stays one JSON document. */
  readonly data: string;
}

/** Everything that outlives a command: one plain JSON document, each section owned by one folder of the sandbox. */
export interface WorldData {
  version: 1;
  /** Simulated milliseconds since the epoch. */
  time: number;
  /** Last number handed out by `World.nextId`. */
  lastId: number;
  /** Simulated resources: type -> key -> object. */
  resources: Record<string, Record<string, CloudObject>>;
  /** google/: projects whose services are known, by id. */
  projects: Record<string, ProjectData>;
  /** storage/: bucket -> object name -> object. */
  buckets: Record<string, Record<string, StoredObject>>;
  /** google/: secret key (`projects/P/secrets/S`) -> versions, oldest first, base64. */
  secretVersions: Record<string, string[]>;
  /** google/: what is on a disk or in a snapshot, by its cloud key. */
  disks: Record<string, DiskContent>;
  /** google/: machines by cloud key, powered by their instances. */
  machines: Record<string, Machine>;
  /** registry/: repository -> tag -> what was pushed. */
  images: Record<string, Record<string, PushedImage>>;
  /** google/: zones that are down. @default - none */
  lostZones?: string[];
  /** slack/: channel -> messages, oldest first. */
  slack?: Record<string, SlackMessage[]>;
}

/** A project of Google Cloud. */
interface ProjectData {
  /** Enabled services, `compute.googleapis.com`, and the moment from which calls to them pass, in milliseconds since the epoch. */
  readonly services: Record<string, number>;
}

/** A machine as its guest sees it. google/ creates it from an instance; kubernetes/ runs the cluster on its disk. */
export interface Machine {
  readonly name: string;
  readonly address: string;
  readonly architecture: 'amd64' | 'arm64';
  readonly memoryMiB: number;
  readonly cpus: number;
  /** Key of the boot disk in `WorldData.disks`. */
  readonly disk: string;
  /** Metadata `startup-script`, run at every boot. */
  readonly startupScript: string;
  /** `starting`: the guest answers over SSH, its start-up script is not done. `running`: its services answer. */
  state: 'booting' | 'starting' | 'running' | 'stopped';
  /** What kept the guest's services from coming up, as its serial console would show it. */
  problem?: string;
}

/** What a disk holds: the cluster that lives on it, if one was ever started from it. Snapshots copy it whole. */
export interface DiskContent {
  cluster?: ClusterData;
}

/** An image in the simulated registry. */
export interface PushedImage {
  readonly digest: string;
  readonly architectures: readonly string[];
  /** RFC 3339. */
  readonly pushedAt: string;
  /** Tag that it was pushed by, where the tag that names it now was added later. @default - that tag */
  readonly builtAs?: string;
}

/** A message in a channel of Slack. */
export interface SlackMessage {
  /** RFC 3339, by the simulated clock. */
  readonly at: string;
  readonly text: string;
}

/** What `apply` owns of an object's labels and annotations. */
export interface ManagedFields {
  readonly manager: string;
  readonly operation: 'Apply';
  readonly fieldsV1: { readonly 'f:metadata': Record<string, Record<string, object>> };
}

/** A Kubernetes object as the API shows it. With types, its `spec` is known, and its `status` if it has one. */
export type KubernetesObject<Spec = unknown, Status = unknown> = unknown extends Spec
  ? AnyObject
  : AnyObject & { spec: Spec; status?: Status };

/** A Kubernetes object of any kind. */
export interface AnyObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    generation?: number;
    creationTimestamp?: string;
    deletionTimestamp?: string;
    finalizers?: string[];
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean }[];
    managedFields?: ManagedFields[];
    [key: string]: unknown;
  };
  [key: string]: unknown;
}

/** The whole state of a simulated cluster, kept on its machine's disk. */
export interface ClusterData {
  readonly uid: string;
  /** Fixed at the first boot; volumes are bound to it. */
  nodeName: string;
  /** Names and addresses in the API server's certificate. */
  certificateNames: string[];
  kubernetesVersion: string;
  /** Last resourceVersion handed out. */
  resourceVersion?: number;
  /** Key: `<group>/<kind>/<namespace or empty>/<name>`. */
  objects: Record<string, KubernetesObject>;
  /** Files in persistent volumes: volume name -> path -> content. */
  volumes: Record<string, Record<string, string>>;
}

/** A world without anything. @param time - its moment, in milliseconds since the epoch. */
export function emptyWorld(time: number): WorldData {
  return {
    version: 1,
    time,
    lastId: 0,
    resources: {},
    projects: {},
    buckets: {},
    secretVersions: {},
    disks: {},
    machines: {},
    images: {},
  };
}

/** Sections of the world: objects by name. */
const SECTIONS = ['resources', 'buckets', 'secretVersions', 'disks', 'machines', 'images'] as const;

/** @throws Error when the content of a file is not a world. */
export function assertWorld(data: unknown): asserts data is WorldData {
  const found = (data ?? {}) as Partial<Record<keyof WorldData, unknown>>;
  if (found.version !== 1) throw new Error(`its version is ${JSON.stringify(found.version)}, expected 1`);
  for (const key of ['time', 'lastId'] as const) {
    if (!Number.isFinite(found[key])) throw new Error(`${key} is not a number`);
  }
  for (const key of SECTIONS) {
    const section = found[key];
    if (typeof section !== 'object' || section === null || Array.isArray(section)) {
      throw new Error(`${key} is not an object`);
    }
  }
}
