import { z } from 'zod';
import { type Architecture, architecture } from './architecture';
import { isPrivate, parseCidr } from './cidr';
import { noun, unprivilegedPort } from './noun';
import { power } from './power';

/** A single node of k0s on one VM in Compute Engine. */
export const k0sVm = z.strictObject({
  kind: z.literal('k0s-vm'),
  /** Machine type. The start-up script installs the amd64 build of k0s. */
  machineType: z
    .string()
    .regex(/^(e2-medium|(e2|n2|n2d|c3|c3d)-[a-z]+-\d+)$/, 'name an amd64 machine type such as "e2-standard-2"'),
  /** A spot VM costs a fraction and may be stopped by Google at any time; a watchdog starts it again. */
  spot: z.boolean(),
  /** When it is awake. @default - always */
  power: power.optional(),
  disk: z.strictObject({
    sizeGb: z.int().min(20).max(65_536),
    type: z.enum(['pd-standard', 'pd-balanced', 'pd-ssd']),
    /** Image of the first boot disk, by its full name: a family would plan a new disk with each of its images. */
    image: z
      .string()
      .regex(
        /^projects\/[a-z][a-z0-9.:-]*\/global\/images\/(?!family\/)[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/,
        'name one image, "projects/PROJECT/global/images/IMAGE", not a family',
      ),
  }),
  /**
   * What becomes of a volume whose claim is deleted: `Retain` keeps its data until somebody deletes it by hand. No default, and
   * never derived from the environment's name.
   */
  reclaimPolicy: z.enum(
    ['Retain', 'Delete'],
    'say "Retain" where data must outlive a deleted claim, otherwise "Delete"',
  ),
  /** Snapshots that Compute Engine takes by itself, every day. */
  snapshots: z.strictObject({
    /** When, in UTC. Best while the VM is asleep: nothing writes then. */
    at: z.string().regex(/^([01]\d|2[0-3]):00$/, 'give a full hour in UTC such as "14:00"'),
    keepDays: z.int().min(1).max(365),
  }),
  k0s: z.strictObject({
    version: z.string().regex(/^v\d+\.\d+\.\d+\+k0s\.\d+$/, 'name a release such as "v1.36.4+k0s.1"'),
    /** SHA-256 of the amd64 binary of that release. */
    sha256: z.string().regex(/^[0-9a-f]{64}$/, "give 64 hexadecimal digits, as in the release's sha256sums.txt"),
  }),
  network: z.strictObject({
    /** Addresses of the subnet. */
    cidr: z
      .string()
      .refine(parseCidr, 'give an IPv4 range without host bits and leading zeros, such as "10.10.0.0/24"')
      .refine(
        (cidr) => !parseCidr(cidr) || isPrivate(cidr),
        'give a private range, such as "10.10.0.0/24": the addresses of others are in this one',
      ),
    /** Internal address of the VM, for good: certificates and the kubeconfig name it. */
    address: z.ipv4('give an IPv4 address'),
  }),
  /** Who is told when it is down, or about to be. */
  alertEmail: z.email('give an e-mail address that somebody reads'),
  /** Port on the operator's machine where the tunnel to the API server ends. One per environment. */
  tunnelPort: unprivilegedPort,
});

/** A cluster that hetzner-k3s makes, by a configuration of its own in Git. */
const hetznerK3s = z.strictObject({
  kind: z.literal('hetzner-k3s'),
  /** Its name there. Another name is another cluster. */
  name: noun,
  /** Server type of the nodes. Types that begin with cax are arm64. */
  machineType: z.string().regex(/^(cx|cpx|cax|ccx)\d+$/, 'name a server type of Hetzner Cloud such as "cpx31"'),
});

/** Where kubectl looks by itself. */
const DEFAULT_KUBECONFIG = '~/.kube/config';

/** A cluster that exists already and is reached by a kubeconfig. */
export const kubeconfig = z.strictObject({
  kind: z.literal('kubeconfig'),
  /** The file, under the home folder of whoever runs this. */
  path: z
    .string()
    .regex(/^~\/[\w./@+-]+$/, 'give a path under the home folder, such as "~/.kube/config"')
    .default(DEFAULT_KUBECONFIG),
  /** A context in it. Never whatever happens to be the current one. */
  context: z
    .string()
    .regex(/^\w[\w.:@/+-]{0,252}$/, 'name a context, such as "kind-threads": letters, digits and . _ : @ / + -'),
  /** What its nodes are. */
  architecture,
  /** Its default storage class: one that exists, since a cluster that is not ours gets none from us. */
  storageClass: noun,
});

/** Where an environment's workloads run, by cluster kind. */
export const cluster = z.discriminatedUnion('kind', [k0sVm, hetznerK3s, kubeconfig]);

/** Where an environment's workloads run. */
export type Cluster = z.output<typeof cluster>;

/** A cluster kind: one VM with k0s. */
export type K0sVm = Extract<Cluster, { kind: 'k0s-vm' }>;

/** What the nodes of a cluster are: an image for anything else does not start there. */
export function architectureOf(cluster: Cluster): Architecture {
  if (cluster.kind === 'kubeconfig') return cluster.architecture;
  return cluster.machineType.startsWith('cax') ? 'arm64' : 'amd64';
}

/** The storage class of a cluster's volumes: made by 01-k8s on our own VM, by the provider's driver elsewhere. */
export function storageClassOf(cluster: Cluster): string {
  if (cluster.kind === 'kubeconfig') return cluster.storageClass;
  return cluster.kind === 'k0s-vm' ? 'local-path' : 'hcloud-volumes';
}

/** True when two descriptions, as written or filled in, are of one cluster that exists already: the same context of a file. */
export function isSameCluster(one: Cluster, other: Cluster): boolean {
  if (one.kind !== 'kubeconfig' || other.kind !== 'kubeconfig') return false;
  const { path = DEFAULT_KUBECONFIG } = one;
  return one.context === other.context && path === (other.path ?? DEFAULT_KUBECONFIG);
}
