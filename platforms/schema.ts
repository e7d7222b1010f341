import { z } from 'zod';
import { isUsable, parseCidr } from './cidr';
import { namesOf } from './names';
import { check, PlatformError } from './problems';

/** A short noun: it becomes part of names in Google Cloud, Kubernetes and Git. */
const noun = z
  .string()
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'use lowercase letters, digits and single hyphens, beginning with a letter');

const port = z.int().min(1).max(65_535);

/** A single node of k0s on one VM in Compute Engine. */
const k0sVm = z.strictObject({
  kind: z.literal('k0s-vm'),
  /** Machine type. The start-up script installs the amd64 build of k0s. */
  machineType: z
    .string()
    .regex(/^(e2|n2|n2d|c3|c3d)-[a-z]+-\d+$/, 'name an amd64 machine type such as "e2-standard-2"'),
  /** A spot VM costs a fraction and may be stopped by Google at any time. */
  spot: z.boolean(),
  disk: z.strictObject({
    sizeGb: z.int().min(20).max(65_536),
    type: z.enum(['pd-standard', 'pd-balanced', 'pd-ssd']),
    /** Image of the first boot disk, by its full name: a family would plan a new disk with each of its images. */
    image: z
      .string()
      .regex(
        /^projects\/[^/]+\/global\/images\/(?!family\/)[^/]+$/,
        'name one image, "projects/PROJECT/global/images/IMAGE", not a family',
      ),
  }),
  k0s: z.strictObject({
    version: z.string().regex(/^v\d+\.\d+\.\d+\+k0s\.\d+$/, 'name a release such as "v1.34.4+k0s.0"'),
    /** SHA-256 of the amd64 binary of that release. */
    sha256: z.string().regex(/^[0-9a-f]{64}$/, "give 64 hexadecimal digits, as in the release's sha256sums.txt"),
  }),
  network: z.strictObject({
    /** Addresses of the subnet. */
    cidr: z.string().refine(parseCidr, 'give an IPv4 range without host bits, such as "10.10.0.0/24"'),
    /** Internal address of the VM, for good: certificates and the kubeconfig name it. */
    address: z.ipv4('give an IPv4 address'),
  }),
  /** Port on the operator's machine where the tunnel to the API server ends. One per environment. */
  tunnelPort: port,
});

const environment = z.strictObject({
  cluster: z.discriminatedUnion('kind', [k0sVm]),
});

const service = z.strictObject({
  /** Name of the image: an own one in the platform's registry, or a public one. */
  image: z.string().regex(/^[a-z0-9]+([._/-][a-z0-9]+)*$/, 'name an image without registry and tag'),
  /** Port that its pods listen on. */
  port,
  /** Port on the node. @default - reachable inside the cluster only */
  nodePort: z.int().min(30_000).max(32_767).optional(),
  /** Size of its volume. @default - none */
  storage: z
    .string()
    .regex(/^\d+Gi$/, 'give a size such as "10Gi"')
    .optional(),
});

const platformSchema = z
  .strictObject({
    name: noun,
    google: z.strictObject({
      project: z
        .string()
        .regex(/^[a-z][-a-z0-9]{4,28}[a-z0-9]$/, 'give the id of a Google project, 6 to 30 characters'),
      region: z.string().regex(/^[a-z]+-[a-z]+\d+$/, 'name a region such as "us-east1"'),
      zone: z.string().regex(/^[a-z]+-[a-z]+\d+-[a-z]$/, 'name a zone such as "us-east1-b"'),
    }),
    registry: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('artifact-registry'), location: z.string(), repository: noun }),
    ]),
    /** The Git repository that Argo CD follows. */
    repository: z.strictObject({
      url: z.string().regex(/^https:\/\/.+\.git$/, 'give an address such as "https://github.com/owner/name.git"'),
      branch: z.string().min(1),
      path: z
        .string()
        .regex(
          /^[^/].*<env>/,
          'give a path in the repository with "<env>" for the environment, such as "k8s/overlays/<env>"',
        ),
    }),
    /** The namespace of the application. */
    namespace: noun,
    state: z.discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('gcs'),
        bucket: z
          .string()
          .regex(/^[a-z0-9][-a-z0-9_.]{1,61}[a-z0-9]$/, 'give the name of a bucket, 3 to 63 characters'),
        prefix: z
          .string()
          .regex(
            /^(?=.*<layer>)(?=.*<env>)/,
            'give a path with "<env>" and "<layer>", such as "threads/<env>/<layer>/state": two layers never share a state',
          ),
      }),
    ]),
    environments: z.record(noun, environment),
    services: z.record(noun, service),
    /** Secrets that Secret Manager keeps; their values come by `npm run secret`, never through here. */
    secrets: z.array(noun),
  })
  .superRefine((platform, context) => {
    const refuse = (path: PropertyKey[], input: unknown, message: string) =>
      context.addIssue({ code: 'custom', path, input, message });
    const { region, zone } = platform.google;
    if (!zone.startsWith(`${region}-`))
      refuse(['google', 'zone'], zone, `the zone must lie in region "${region}", such as "${region}-b"`);
    for (const [env, { cluster }] of Object.entries(platform.environments)) {
      const at = ['environments', env, 'cluster'];
      const { address, cidr } = cluster.network;
      const range = parseCidr(cidr);
      if (range && !isUsable(address, range))
        refuse(
          [...at, 'network', 'address'],
          address,
          `it must be an address in ${cidr} that Google does not keep for itself`,
        );
      const name = refusedName(platform, env);
      if (name) refuse(['environments', env], env, name);
    }
  });

/** A platform as its file describes it, checked. */
export type Platform = z.output<typeof platformSchema>;
export type Environment = Platform['environments'][string];
/** A cluster kind: one VM with k0s. */
export type K0sVm = Extract<Environment['cluster'], { kind: 'k0s-vm' }>;

/** Checks the description of a platform. @throws {PlatformError} with all that is wrong with it. */
export function definePlatform(description: z.input<typeof platformSchema>): Platform {
  return check(platformSchema, description, `platform "${(description as { name?: unknown }).name ?? ''}"`);
}

/** One environment of a platform. @throws {PlatformError} naming the known ones when there is none of that name. */
export function environmentOf(platform: Platform, env: string): Environment {
  const found = Object.hasOwn(platform.environments, env) ? platform.environments[env] : undefined;
  if (found) return found;
  const known = Object.keys(platform.environments).join(', ');
  throw new PlatformError(`environment "${env}" of platform "${platform.name}"`, [
    `there is none of that name; known are ${known}`,
  ]);
}

/** The host that images of the platform's own registry are pulled from. */
export function registryHost({ registry }: Platform): string {
  return `${registry.location}-docker.pkg.dev`;
}

/** Where an own image of the platform lies, without its tag. */
export function imageRepository(platform: Platform, image: string): string {
  return `${registryHost(platform)}/${platform.google.project}/${platform.registry.repository}/${image}`;
}

/** What Google would say of the longest names of an environment, if it refused one. */
function refusedName(
  platform: { readonly name: string; readonly secrets: readonly string[] },
  env: string,
): string | undefined {
  try {
    const names = namesOf(platform.name, env);
    names.bootDisk(99);
    platform.secrets.forEach(names.secret);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
