import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ComputeAddress } from '@cdktf/provider-google/lib/compute-address';
import { ComputeDisk } from '@cdktf/provider-google/lib/compute-disk';
import { ComputeInstance } from '@cdktf/provider-google/lib/compute-instance';
import { DataGoogleComputeSnapshot } from '@cdktf/provider-google/lib/data-google-compute-snapshot';
import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { ServiceAccount } from '@cdktf/provider-google/lib/service-account';
import { Construct } from 'constructs';
import type { K0sVm as K0sVmKind } from '../../platforms/schema/define-platform';
import { identityOfVm } from '../../platforms/schema/identity';
import type { namesOf } from '../../platforms/schema/names';
import type { Restore } from '../../platforms/schema/restore';
import { Layer } from '../layer';
import type { PowerSchedule } from './power-schedule';
import type { PrivateNetwork } from './private-network';

export interface K0sVmProps {
  readonly names: ReturnType<typeof namesOf>;
  readonly network: PrivateNetwork;
  readonly cluster: K0sVmKind;
  /** Which boot disk the VM has, and what it was made from. */
  readonly restore: Restore;
  /** Registry host that the node pulls from by its own identity. */
  readonly registryHost: string;
  /** When it is awake. @default - always */
  readonly schedule?: PowerSchedule;
  readonly project: string;
  /** Zone of the VM and its disk. */
  readonly zone: string;
  readonly labels: Record<string, string>;
}

/** What the node does in its own name, beside what is granted to it on single secrets and the registry. */
const ROLES = { 'log-writer': 'roles/logging.logWriter', 'metric-writer': 'roles/monitoring.metricWriter' };

/**
 * A VM that runs a single node of k0s and comes back as itself.
 *
 * Makes a service account that may write logs and metrics, a fixed internal address, the boot disk and the VM. The address, the node name and the names in
 * the certificate outlive the disk; a restore brings a disk of the next generation and leaves the old one to be deleted
 * later, by hand.
 */
export class K0sVm extends Construct {
  readonly address: ComputeAddress;
  readonly bootDisk: ComputeDisk;
  readonly instance: ComputeInstance;
  readonly serviceAccount: ServiceAccount;

  constructor(scope: Construct, id: string, props: K0sVmProps) {
    super(scope, id);
    const { names, network, cluster, restore, schedule, labels } = props;

    this.serviceAccount = new ServiceAccount(this, 'identity', {
      accountId: names.serviceAccount,
      displayName: `${names.vm}: its node and what runs on it`,
    });
    for (const [noun, role] of Object.entries(ROLES)) {
      new ProjectIamMember(this, noun, { project: props.project, role, member: this.serviceAccount.member });
    }
    this.address = new ComputeAddress(this, 'address', {
      name: names.vm,
      subnetwork: network.subnet.selfLink,
      addressType: 'INTERNAL',
      address: cluster.network.address,
    });
    this.bootDisk = this.disk(props);
    this.instance = new ComputeInstance(this, 'instance', {
      // Its first boot downloads k0s, and Google takes a schedule only once it may carry it out.
      dependsOn: [network.nat, ...(schedule ? [schedule.permitted] : [])],
      name: names.vm,
      zone: props.zone,
      machineType: cluster.machineType,
      labels,
      // Another machine type or identity is a restart, not a new VM.
      allowStoppingForUpdate: true,
      bootDisk: { source: this.bootDisk.selfLink, autoDelete: false },
      networkInterface: [{ subnetwork: network.subnet.selfLink, networkIp: this.address.address }],
      serviceAccount: { email: this.serviceAccount.email, scopes: ['cloud-platform'] },
      scheduling: cluster.spot
        ? {
            provisioningModel: 'SPOT',
            preemptible: true,
            automaticRestart: false,
            onHostMaintenance: 'TERMINATE',
            instanceTerminationAction: 'STOP',
          }
        : { provisioningModel: 'STANDARD', automaticRestart: true, onHostMaintenance: 'MIGRATE' },
      // A VM that is to stay off is not started by its schedule either.
      ...(schedule && !restore.watchdogPaused && { resourcePolicies: [schedule.policy.selfLink] }),
      shieldedInstanceConfig: { enableSecureBoot: true, enableVtpm: true, enableIntegrityMonitoring: true },
      metadata: {
        'enable-oslogin': 'TRUE',
        // As metadata it changes in place and runs at every boot; as an argument of its own it would replace the VM.
        'startup-script': startupScript(props),
      },
    });
  }

  private disk({ names, cluster, restore, zone, labels }: K0sVmProps): ComputeDisk {
    const { generation, snapshot, finished } = restore;
    if (snapshot && !finished) this.assertRestorable(generation, snapshot);
    for (let earlier = 1; earlier < generation; earlier++) {
      Layer.of(this).forget('google_compute_disk', this, diskId(earlier));
    }
    return new ComputeDisk(this, diskId(generation), {
      name: names.bootDisk(generation),
      // The provider's own zone is not compared: an edit of it would move the watchdog's target and leave the disk.
      zone,
      size: cluster.disk.sizeGb,
      type: cluster.disk.type,
      ...(snapshot ? { snapshot } : { image: cluster.disk.image }),
      labels,
      // A newer image or snapshot never replaces a disk that holds data; a new generation does. What would replace it by an
      // empty one under the same name (another type or zone, a smaller size) or destroy it is refused at plan.
      lifecycle: { ignoreChanges: ['image', 'snapshot'], preventDestroy: true },
    });
  }

  /**
   * Fails the plan, before the VM is replaced, unless the snapshot exists, is ready and is one of this environment: the
   * provider has no attribute for its status, only a filter.
   */
  private assertRestorable(generation: number, snapshot: string): void {
    const { platform, env } = Layer.of(this);
    const owner = Object.entries({ platform: platform.name, environment: env });
    new DataGoogleComputeSnapshot(this, `${diskId(generation)}-snapshot`, {
      filter: `name = "${snapshot}" AND status = "READY"`,
      lifecycle: {
        postcondition: [
          {
            condition: `\${${owner.map(([key, value]) => `lookup(self.effective_labels, "${key}", "") == "${value}"`).join(' && ')}}`,
            errorMessage: `snapshot ${snapshot} does not carry the labels of ${platform.name} ${env}; choose one with: npm run restore -- --env ${env}`,
          },
        ],
      },
    });
  }
}

function diskId(generation: number): string {
  return `boot-g${generation}`;
}

/** The script that k0s-vm.sh is a template of, for one VM. */
export function startupScript({
  names,
  cluster,
  registryHost,
}: Pick<K0sVmProps, 'names' | 'cluster' | 'registryHost'>): string {
  const { nodeName, address, certificateNames } = identityOfVm(names.vm, cluster.network.address);
  const values: Record<string, string> = {
    node_name: nodeName,
    address,
    certificate_names: certificateNames.map((name) => `      - ${name}`).join('\n'),
    k0s_version: cluster.k0s.version,
    k0s_sha256: cluster.k0s.sha256,
    registry_host: registryHost,
    vitals: script('vitals.sh').trimEnd(),
  };
  return script('k0s-vm.sh').replace(/@(\w+)@/g, (whole, name: string) => values[name] ?? whole);
}

function script(file: string): string {
  return readFileSync(join(__dirname, file), 'utf8');
}
