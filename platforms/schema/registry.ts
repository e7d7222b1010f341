import { z } from 'zod';
import { noun } from './noun';

/** The container registry of the platform's own images. `kind` selects its other fields. */
export const registry = z.discriminatedUnion('kind', [
  z.strictObject({
    /** `artifact-registry`: a repository in Google Artifact Registry. See https://cloud.google.com/artifact-registry/docs */
    kind: z.literal('artifact-registry'),
    /**
     * Region or multi-region of the repository, such as `us-east1` or `us`. See
     * https://cloud.google.com/artifact-registry/docs/repositories/repo-locations
     */
    location: z
      .string()
      .regex(/^(us|europe|asia|[a-z]+-[a-z]+\d+)$/, 'name a region such as "us-east1", or "us", "europe", "asia"'),
    /** Name of the repository in Artifact Registry. */
    repository: noun,
    /** Name of the environment whose 00-vpc creates the repository. The others only read it, so that an image is built once. */
    owner: noun,
  }),
  z.strictObject({
    /** `docker-hub`: repositories of an organisation or user on Docker Hub. */
    kind: z.literal('docker-hub'),
    /** Name of the organisation or user on Docker Hub. */
    organisation: z.string().regex(/^[a-z0-9]{2,30}$/, 'name an organisation or user of Docker Hub'),
    /** Prefix of the names of all own images, such as `acme-`. @default '' */
    prefix: z
      .string()
      .regex(/^([a-z0-9]+-)*$/, 'use lowercase letters and digits, and end with a hyphen')
      .max(63, 'use at most 63 characters')
      .default(''),
  }),
  z.strictObject({
    /** `ghcr`: packages in GitHub's container registry, ghcr.io. */
    kind: z.literal('ghcr'),
    /** Organisation or user on GitHub, in lower case. */
    owner: z
      .string()
      .regex(/^(?=.{1,39}$)[a-z0-9]+(-[a-z0-9]+)*$/, 'name an organisation or user of GitHub, in lowercase'),
  }),
  z.strictObject({
    /** `upstream`: the platform runs public images only, and has no registry. */
    kind: z.literal('upstream'),
  }),
]);

/** The container registry of the platform's own images. */
export type Registry = z.output<typeof registry>;

/**
 * Format of the tags of own images: the first 7 characters of the commit (`8caff6f`), all 40, branch and commit
 * (`main-8caff6f`), or the tags that upstream publishes (`18.1-trixie`).
 */
export const tagScheme = z.enum(['short-sha', 'sha40', 'branch-sha', 'upstream']);

/** Format of the tags of own images. */
export type TagScheme = z.output<typeof tagScheme>;

/**
 * Prefixes of tags that protect an image from the cleanup policies, whatever its age: `deployed-prod` for the deployed image,
 * `pinned-prod` for one that is pinned, or that a rollback would go back to.
 */
export const KEPT_TAG_PREFIXES = ['deployed-', 'pinned-'] as const;

/** The part of a platform that says where its images are. */
interface WithRegistry {
  readonly registry: Registry;
  readonly google: { readonly project: string };
}

/** True for a public image, which has a host: `docker.io/library/postgres`. False for an own image: `nextjs`. */
export function isUpstream(image: string): boolean {
  return /^[^/]+\.[^/]+\//.test(image);
}

/** The host that the platform's own images are pulled from. @throws Error if its registry is `upstream`. */
export function registryHost({ registry }: Pick<WithRegistry, 'registry'>): string {
  switch (registry.kind) {
    case 'artifact-registry':
      return `${registry.location}-docker.pkg.dev`;
    case 'docker-hub':
      return 'docker.io';
    case 'ghcr':
      return 'ghcr.io';
    case 'upstream':
      throw new Error('the platform has no registry: all its images are public');
  }
}

/** The full name of an image, without its tag: of an own image in the platform's registry, or of a public image unchanged. */
export function imageRepository({ registry, google }: WithRegistry, image: string): string {
  if (isUpstream(image)) return image;
  const host = registryHost({ registry });
  if (registry.kind === 'artifact-registry') return `${host}/${google.project}/${registry.repository}/${image}`;
  if (registry.kind === 'docker-hub') return `${host}/${registry.organisation}/${registry.prefix}${image}`;
  return `${host}/${registry.kind === 'ghcr' ? registry.owner : ''}/${image}`;
}
