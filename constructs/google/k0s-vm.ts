import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ComputeAddress } from '@cdktf/provider-google/lib/compute-address';
import { ComputeDisk } from '@cdktf/provider-google/lib/compute-disk';
import { ComputeInstance } from '@cdktf/provider-google/lib/compute-instance';
import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { ServiceAccount } from '@cdktf/provider-google/lib/service-account';
import { Construct } from 'constructs';
import { identityOfVm } from '../../platforms/schema/identity';
import type { PowerSchedule } from './power-schedule';
import type { PrivateNetwork } from './private-network';
import { RemovedResource } from './removed-resource';
import { requireRestorable, type SnapshotOwner } from './restorable-snapshot';

/** The boot disk of a `K0sVm`, which also holds the volumes of its workloads. */
interface BootDisk {
  /** Name of the disk. Each generation has another one. */
  readonly name: string;
  /** Size in GB. */
  readonly sizeGb: number;
  /** Disk type, such as `pd-balanced`. See https://cloud.google.com/compute/docs/disks#disk-types */
  readonly type: string;
  /** Full name of the image that the first disk is created from, `projects/PROJECT/global/images/IMAGE`. */
  readonly image: string;
  /** 1 for the first disk, one more after each restore. */
  readonly generation: number;
  /** Name of the snapshot that the disk is created from. @default - from the image */
  readonly snapshot?: string;
  /** True once the restore is finished: the snapshot is not looked up again, since it may have been deleted. @default false */
  readonly finished?: boolean;
  /** Generation of the disk of a restore that was abandoned: it leaves the state, and this one returns to it. @default - none */
  readonly abandoned?: number;
}

/** Properties of `K0sVm`. */
export interface K0sVmProps {
  /** Name of the VM, of its address and of its node. */
  readonly name: string;
  /** Account id of its service account. */
  readonly serviceAccount: string;
  /** Machine type with an amd64 processor, such as `e2-standard-2`. See https://cloud.google.com/compute/docs/machine-resource */
  readonly machineType: string;
  /** True for a Spot VM, which Google can stop at any time. See https://cloud.google.com/compute/docs/instances/spot */
  readonly spot: boolean;
  /** The boot disk. */
  readonly disk: BootDisk;
  /** The release of k0s: its version, and the SHA-256 of its amd64 binary. See https://docs.k0sproject.io/stable/releases/ */
  readonly k0s: { readonly version: string; readonly sha256: string };
  /** The network that the VM is in. */
  readonly network: PrivateNetwork;
  /** Static internal IPv4 address, in the subnet of the network. */
  readonly address: string;
  /** Whose labels a snapshot needs for a restore. */
  readonly owner: SnapshotOwner;
  /** Host of the registry that the node pulls from with its service account, such as `us-east1-docker.pkg.dev`. */
  readonly registryHost: string;
  /** Schedule that starts and stops the VM. @default - always running */
  readonly schedule?: PowerSchedule;
  /** True while the VM must stay stopped: the schedule is detached. @default false */
  readonly paused?: boolean;
  /** Id of the Google project. */
  readonly project: string;
  /** Zone of the VM and its disk. */
  readonly zone: string;
  /** Labels of the VM and its disk. */
  readonly labels: Record<string, string>;
}

/** Project roles of the VM's service account. It also gets access to single secrets and the registry. */
const ROLES = { 'log-writer': 'roles/logging.logWriter', 'metric-writer': 'roles/monitoring.metricWriter' };

/**
 * A VM that runs a single-node k0s cluster and keeps its identity when it is restored.
 *
 * Creates:
 * - a service account that may write logs and metrics
 * - a static internal address (https://registry.terraform.io/providers/hashicorp/google/6.50.0/docs/resources/compute_address)
 * - the boot disk (https://registry.terraform.io/providers/hashicorp/google/6.50.0/docs/resources/compute_disk)
 * - the VM (https://registry.terraform.io/providers/hashicorp/google/6.50.0/docs/resources/compute_instance)
 *
 * A restore creates a boot disk of the next generation; the address, the node name and the names in the certificate stay the same.
 * The old disk leaves the state and is deleted later with `restore --finish`, or returns with `restore --abandon`.
 *
 * @example
 * const network = new PrivateNetwork(this, 'network', { prefix: 'threads-prod', cidr: '10.10.0.0/24' });
 * new K0sVm(this, 'vm', {
 *   name: 'threads-prod-vm',
 *   serviceAccount: 'threads-prod-vm',
 *   machineType: 'e2-standard-2',
 *   spot: true,
 *   disk: {
 *     name: 'threads-prod-vm-boot-g1',
 *     sizeGb: 50,
 *     type: 'pd-balanced',
 *     image: 'projects/debian-cloud/global/images/debian-12-bookworm-v20251014',
 *     generation: 1,
 *   },
 *   k0s: {
 *     version: 'v1.36.4+k0s.1',
 *     sha256: '0000000000000000000000000000000000000000000000000000000000000000',
 *   },
 *   network,
 *   address: '10.10.0.10',
 *   owner: { platform: 'threads', environment: 'prod' },
 *   registryHost: 'us-east1-docker.pkg.dev',
 *   project: 'acme-project',
 *   zone: 'us-east1-b',
 *   labels: { platform: 'threads' },
 * });
 */
export class K0sVm extends Construct {
  /** Static internal address. */
  readonly address: ComputeAddress;
  /** The current boot disk. */
  readonly bootDisk: ComputeDisk;
  /** The VM. */
  readonly instance: ComputeInstance;
  /** Service account of the VM, which its pods use too if they can reach the metadata server. */
  readonly serviceAccount: ServiceAccount;

  constructor(scope: Construct, id: string, props: K0sVmProps) {
    super(scope, id);
    const { name, network, schedule, labels } = props;

    this.serviceAccount = new ServiceAccount(this, 'identity', {
      accountId: props.serviceAccount,
      displayName: `${name}: cluster node`,
    });
    for (const [noun, role] of Object.entries(ROLES)) {
      new ProjectIamMember(this, noun, { project: props.project, role, member: this.serviceAccount.member });
    }
    this.address = new ComputeAddress(this, 'address', {
      name,
      subnetwork: network.subnet.selfLink,
      addressType: 'INTERNAL',
      address: props.address,
    });
    this.bootDisk = this.boot(props);
    this.instance = new ComputeInstance(this, 'instance', {
      // The first boot downloads k0s, and Google attaches a schedule only if it is permitted to start and stop the VM.
      dependsOn: [network.nat, ...(schedule ? [schedule.permitted] : [])],
      name,
      zone: props.zone,
      machineType: props.machineType,
      labels,
      // A change of the machine type or the service account restarts the VM instead of replacing it.
      allowStoppingForUpdate: true,
      bootDisk: { source: this.bootDisk.selfLink, autoDelete: false },
      networkInterface: [{ subnetwork: network.subnet.selfLink, networkIp: this.address.address }],
      serviceAccount: { email: this.serviceAccount.email, scopes: ['cloud-platform'] },
      scheduling: props.spot
        ? {
            provisioningModel: 'SPOT',
            preemptible: true,
            automaticRestart: false,
            onHostMaintenance: 'TERMINATE',
            instanceTerminationAction: 'STOP',
          }
        : { provisioningModel: 'STANDARD', automaticRestart: true, onHostMaintenance: 'MIGRATE' },
      // The schedule must not start a VM that is to stay stopped.
      ...(schedule && !props.paused && { resourcePolicies: [schedule.policy.selfLink] }),
      shieldedInstanceConfig: { enableSecureBoot: true, enableVtpm: true, enableIntegrityMonitoring: true },
      metadata: {
        'enable-oslogin': 'TRUE',
        // A change of metadata updates the VM in place, while a change of `metadata_startup_script` replaces it.
        'startup-script': startupScript(props),
      },
    });
  }

  private boot({ disk, owner, project, zone, labels }: K0sVmProps): ComputeDisk {
    const { name, sizeGb, type, image, generation, snapshot, finished, abandoned } = disk;
    if (snapshot && !finished) requireRestorable(this, `${diskId(generation)}-snapshot`, snapshot, owner);
    for (let other = 1; other <= Math.max(generation, abandoned ?? 0); other++) {
      if (other !== generation) new RemovedResource(this, diskId(other), { type: 'google_compute_disk' });
    }
    const boot = new ComputeDisk(this, diskId(generation), {
      name,
      // Explicit: a change of the provider's default zone is not compared, and would move the watchdog's target but not the disk.
      zone,
      size: sizeGb,
      type,
      ...(snapshot ? { snapshot } : { image }),
      labels,
      // A newer image or snapshot must not replace a disk with data; only a new generation does. The plan fails for a change that
      // would destroy it or replace it with an empty one of the same name: another type or zone, a smaller size.
      lifecycle: { ignoreChanges: ['image', 'snapshot'], preventDestroy: true },
    });
    // The restore that was abandoned has removed it from the state.
    if (abandoned) boot.importFrom(`projects/${project}/zones/${zone}/disks/${name}`);
    return boot;
  }
}

function diskId(generation: number): string {
  return `boot-g${generation}`;
}

/** The startup script of a VM, from the template k0s-vm.sh. */
export function startupScript({
  name,
  address,
  k0s,
  registryHost,
}: Pick<K0sVmProps, 'name' | 'address' | 'k0s' | 'registryHost'>): string {
  const { nodeName, certificateNames } = identityOfVm(name, address);
  const values: Record<string, string> = {
    node_name: nodeName,
    address,
    certificate_names: certificateNames.map((name) => `      - ${name}`).join('\n'),
    k0s_version: k0s.version,
    k0s_sha256: k0s.sha256,
    registry_host: registryHost,
    node_metrics: script('node-metrics.sh').trimEnd(),
  };
  return script('k0s-vm.sh').replace(/@(\w+)@/g, (whole, key: string) => values[key] ?? whole);
}

function script(file: string): string {
  return readFileSync(join(__dirname, file), 'utf8');
}
