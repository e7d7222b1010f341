import type { Reading } from '../clients/reading';
import type { Architecture } from '../platforms/schema/architecture';
import type { Identity } from '../platforms/schema/identity';
import type { Restore } from '../platforms/schema/restore';
import type { IdentityRecord } from './identity-record';
import type { Snapshot, SnapshotOwner } from './snapshots';

/** What is restored: the newest snapshot, the newest until a time, or the one with a name. */
export type Source = 'latest' | { readonly before: Date } | { readonly name: string };

/** What the cloud says about the place that is restored into. A reading is undefined where the object does not exist. */
export interface CloudFacts {
  /** Status of the zone of the restored VM, such as `UP`. */
  readonly zone: Reading<{ readonly status: string; readonly region: string } | undefined>;
  /** The reserved address of the VM, and the names of the VMs that use it. */
  readonly address: Reading<{ readonly address: string; readonly users: readonly string[] } | undefined>;
  /** Status of the present VM. */
  readonly vm: Reading<string | undefined>;
  /** The id of a disk that already has the name of the next generation's. */
  readonly nextDisk: Reading<string | undefined>;
}

/** Everything that a restore plan is computed from. */
export interface RestoreFacts {
  readonly owner: SnapshotOwner;
  /** Time of the cloud's clock. */
  readonly now: Date;
  readonly from: Source;
  /** Only snapshots made after this layer was applied. @default - any layer */
  readonly layer?: string;
  /** Oldest data that is acceptable, in hours before `now`, or before the wanted time. */
  readonly maxAgeHours: number;
  readonly snapshots: readonly Snapshot[];
  /** Id of the VM's current or lost disk: output `boot_disk_id` of 00-vpc, whose state survives the disk. */
  readonly diskId: string | undefined;
  /** The identity of the VM that the platform would create. */
  readonly identity: Identity;
  /** The disk and the place of the VM that the platform would create. */
  readonly target: {
    readonly zone: string;
    readonly region: string;
    /** Name of the next generation's disk. */
    readonly disk: string;
    readonly sizeGb: number;
    readonly architecture: Architecture;
    readonly reclaimPolicy: string;
    /** Name of the VM. */
    readonly vm: string;
  };
  /** Serial numbers of the states of its layers, by stack id. */
  readonly serials: IdentityRecord['serials'];
  /** The result of earlier restores. */
  readonly present: Restore;
  /** The zone of the platform: that of a VM that was never restored elsewhere. */
  readonly homeZone: string;
  readonly cloud: CloudFacts;
  /** Images of the environment's overlays that the registry lacks. */
  readonly missingImages: Reading<readonly string[]>;
}

/** What a check is about. Those in `ALLOWABLE` may be passed with `--allow`. */
export type Subject =
  | 'source disk'
  | 'owner'
  | 'status'
  | 'age'
  | 'size'
  | 'architecture'
  | 'address'
  | 'node name'
  | 'certificate names'
  | 'kubeconfig endpoint'
  | 'volume affinity'
  | 'reclaim policy'
  | 'layer states'
  | 'images'
  | 'zone'
  | 'next disk'
  | 'present VM'
  | 'cluster';

/** Checks that a person may overrule, since only data or time is at stake. */
export const ALLOWABLE = ['age', 'reclaim policy', 'layer states', 'images'] as const satisfies readonly Subject[];

/** One line of a restore plan. */
export interface Check {
  readonly subject: Subject;
  /** Where the finding is from. `after boot`: it can only be checked on the restored VM. */
  readonly source: 'record' | 'API' | 'state' | 'registry' | 'after boot';
  /** `note`: it prevents nothing, or could not be read. `later`: it is checked on the restored VM. */
  readonly outcome: 'passed' | 'refused' | 'note' | 'later';
  readonly finding: string;
  /** What to do about a refusal. */
  readonly next?: string;
}
