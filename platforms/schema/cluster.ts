import { z } from 'zod';
import { type Architecture, architecture } from './architecture';
import { isPrivate, parseCidr } from './cidr';
import { machineType } from './machine-type';
import { noun, unprivilegedPort } from './noun';
import { power } from './power';

/** A single-node k0s cluster on a Compute Engine VM. */
export const k0sVm = z.strictObject({
  /** `k0s-vm`: a single-node k0s cluster on a Compute Engine VM, which layer 00-vpc creates. */
  kind: z.literal('k0s-vm'),
  /**
   * Compute Engine machine type, such as `e2-standard-2`: amd64, because the startup script installs the amd64 build of k0s, and
   * with at least 4 GiB of memory. Known types are in `sandbox/google/machine-types.json`.
   * See https://cloud.google.com/compute/docs/machine-resource
   */
  machineType,
  /**
   * True for a Spot VM: it costs a fraction of the price, and Google can stop it at any time; the watchdog then starts it again.
   * See https://cloud.google.com/compute/docs/instances/spot
   */
  spot: z.boolean(),
  /**
   * Daily hours in which the VM runs; outside them it is stopped.
   * See https://cloud.google.com/compute/docs/instances/schedule-instance-start-stop @default - always running
   */
  power: power.optional(),
  /** Boot disk of the VM. It also holds the volumes of the workloads. */
  disk: z.strictObject({
    /** Size in GB, 20 to 65536. It can grow in place, but never shrink. */
    sizeGb: z.int().min(20).max(65_536),
    /** Disk type. See https://cloud.google.com/compute/docs/disks#disk-types */
    type: z.enum(['pd-standard', 'pd-balanced', 'pd-ssd']),
    /**
     * Full name of the image that the first boot disk is created from, `projects/PROJECT/global/images/IMAGE`. An image family
     * is not allowed: what the disk is created from would change with each image that Google releases.
     */
    image: z
      .string()
      .regex(
        /^projects\/[a-z][a-z0-9.:-]*\/global\/images\/(?!family\/)[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/,
        'use one image, "projects/PROJECT/global/images/IMAGE", not an image family',
      ),
  }),
  /**
   * What happens to a volume when its claim is deleted: `Retain` keeps the data until somebody deletes it by hand, `Delete`
   * deletes it. It has no default, and is never derived from the name of the environment.
   * See https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reclaiming
   */
  reclaimPolicy: z.enum(['Retain', 'Delete'], 'use "Retain" to keep data when a claim is deleted, otherwise "Delete"'),
  /** Daily snapshots of the boot disk. See https://cloud.google.com/compute/docs/disks/scheduled-snapshots */
  snapshots: z.strictObject({
    /** Full hour in UTC at which the snapshot is taken, such as `14:00`. Best while the VM is stopped and nothing writes. */
    at: z.string().regex(/^([01]\d|2[0-3]):00$/, 'give a full hour in UTC such as "14:00"'),
    /** Days after which a snapshot is deleted, 1 to 365. */
    keepDays: z.int().min(1).max(365),
    /**
     * True if scripts in `/etc/google/snapshots` of the guest flush and freeze its data: every snapshot then runs them. See
     * https://cloud.google.com/compute/docs/disks/creating-linux-application-consistent-pd-snapshots @default false: a snapshot
     * has what the disk had at that moment, as after a power failure
     */
    guestFlush: z.boolean().default(false),
  }),
  /** The release of k0s. See https://docs.k0sproject.io/stable/releases/ */
  k0s: z.strictObject({
    /** Version of the release, such as `v1.36.4+k0s.1`. Upgrade one minor version at a time. */
    version: z.string().regex(/^v\d+\.\d+\.\d+\+k0s\.\d+$/, 'give a release such as "v1.36.4+k0s.1"'),
    /** SHA-256 of the amd64 binary, as 64 hexadecimal digits, from the `sha256sums.txt` of the release. */
    sha256: z.string().regex(/^[0-9a-f]{64}$/, "give 64 hexadecimal digits, as in the release's sha256sums.txt"),
  }),
  /** Addresses of the VM and its subnet. */
  network: z.strictObject({
    /**
     * Primary IPv4 range of the subnet, in a private range, such as `10.10.0.0/24`. See
     * https://cloud.google.com/vpc/docs/subnets
     */
    cidr: z
      .string()
      .refine(parseCidr, 'give an IPv4 range without host bits and leading zeros, such as "10.10.0.0/24"')
      .refine(
        (cidr) => !parseCidr(cidr) || isPrivate(cidr),
        'give a private range, such as "10.10.0.0/24": this one contains public addresses',
      ),
    /** Static internal IPv4 address of the VM. Do not change it later: certificates and kubeconfigs contain it. */
    address: z.ipv4('give an IPv4 address'),
  }),
  /** E-mail address that alerts are sent to: the VM is down, cannot start, or its disk or certificate needs attention. */
  alertEmail: z.email('give an e-mail address'),
  /** TCP port on the operator's machine that `npm run tunnel` forwards to the API server. Different for each environment. */
  tunnelPort: unprivilegedPort,
});

/** A cluster on Hetzner Cloud that hetzner-k3s creates from its own configuration file in Git. */
const hetznerK3s = z.strictObject({
  /** `hetzner-k3s`: a cluster on Hetzner Cloud, which hetzner-k3s creates. See https://github.com/vitobotta/hetzner-k3s */
  kind: z.literal('hetzner-k3s'),
  /** `cluster_name` in the configuration of hetzner-k3s. A different name is a different cluster. */
  name: noun,
  /**
   * Server type of the nodes, such as `cpx32`. Types that begin with `cax` are arm64. See
   * https://docs.hetzner.com/cloud/servers/overview
   */
  machineType: z.string().regex(/^(cx|cpx|cax|ccx)\d+$/, 'name a server type of Hetzner Cloud such as "cpx31"'),
});

/** Where kubectl looks by default. */
const DEFAULT_KUBECONFIG = '~/.kube/config';

/** An existing cluster, reached with a kubeconfig. */
export const kubeconfig = z.strictObject({
  /** `kubeconfig`: an existing cluster, reached with a kubeconfig. */
  kind: z.literal('kubeconfig'),
  /** Path of the kubeconfig, in the home folder of whoever runs the command. @default '~/.kube/config' */
  path: z
    .string()
    .regex(/^~(\/(?!\.{1,2}(\/|$))[\w.@+-]{1,255})+$/, 'give a path under the home folder, such as "~/.kube/config"')
    .default(DEFAULT_KUBECONFIG),
  /** Context in the kubeconfig. It is always named: the current context may be that of another cluster. */
  context: z
    .string()
    .regex(
      /^(?!.*\.\.)\w[\w.:@/+-]{0,252}$/,
      'name a context, such as "kind-threads": letters, digits and . _ : @ / + -',
    ),
  /** CPU architecture of the nodes. */
  architecture,
  /** Default storage class of the cluster. It must exist: none is created on an existing cluster. */
  storageClass: noun,
});

/** The cluster that an environment runs on. `kind` selects its other fields. */
export const cluster = z.discriminatedUnion('kind', [k0sVm, hetznerK3s, kubeconfig]);

/** The cluster that an environment runs on. */
export type Cluster = z.output<typeof cluster>;

/** A single-node k0s cluster on a Compute Engine VM. */
export type K0sVm = Extract<Cluster, { kind: 'k0s-vm' }>;

/** CPU architecture of a cluster's nodes: an image for any other does not start there. */
export function architectureOf(cluster: Cluster): Architecture {
  if (cluster.kind === 'kubeconfig') return cluster.architecture;
  return cluster.machineType.startsWith('cax') ? 'arm64' : 'amd64';
}

/** The storage class of a cluster's volumes: 01-k8s creates it on our own VM, the cloud's CSI driver on Hetzner. */
export function storageClassOf(cluster: Cluster): string {
  if (cluster.kind === 'kubeconfig') return cluster.storageClass;
  return cluster.kind === 'k0s-vm' ? 'local-path' : 'hcloud-volumes';
}

/**
 * True when two descriptions, with or without defaults filled in, are of the same existing cluster: the same context of the same
 * file.
 */
export function isSameCluster(one: Cluster, other: Cluster): boolean {
  if (one.kind !== 'kubeconfig' || other.kind !== 'kubeconfig') return false;
  const { path = DEFAULT_KUBECONFIG } = one;
  return one.context === other.context && path === (other.path ?? DEFAULT_KUBECONFIG);
}
