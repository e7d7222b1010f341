import { z } from 'zod';
import { noun } from './noun';

/** Where the platform's own images lie. */
export const registry = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('artifact-registry'),
    location: z
      .string()
      .regex(/^(us|europe|asia|[a-z]+-[a-z]+\d+)$/, 'name a region such as "us-east1", or "us", "europe", "asia"'),
    repository: noun,
    /** The environment whose 00-vpc makes it. The others only read it, so that an image is built once. */
    owner: noun,
  }),
  z.strictObject({
    kind: z.literal('docker-hub'),
    organisation: z.string().regex(/^[a-z0-9]+$/, 'name an organisation or user of Docker Hub'),
    /** Begins the name of every own image. @default '' */
    prefix: z
      .string()
      .regex(/^([a-z0-9]+-)*$/, 'use lowercase letters and digits, and end with a hyphen')
      .default(''),
  }),
  z.strictObject({
    kind: z.literal('ghcr'),
    owner: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'name an organisation or user of GitHub, in lowercase'),
  }),
  /** There are no own images. */
  z.strictObject({ kind: z.literal('upstream') }),
]);

/** Where the platform's own images lie. */
export type Registry = z.output<typeof registry>;

/**
 * What a tag of an own image is: the first 7 characters of the commit (`8caff6f`), all 40 of them, branch and commit
 * (`main-8caff6f`), or whatever upstream has published (`18.1-trixie`).
 */
export const tagScheme = z.enum(['short-sha', 'sha40', 'branch-sha', 'upstream']);

/** What a tag of an own image is. */
export type TagScheme = z.output<typeof tagScheme>;

/**
 * Prefixes of tags that keep an image from being cleaned up, whatever its age: one that is deployed (`deployed-prod`), and
 * one that a rollback has pinned (`pinned-prod`). Nothing sets them yet, so the registry's cleanup policies are dry.
 */
export const KEPT_TAG_PREFIXES = ['deployed-', 'pinned-'] as const;

/** What has a registry: the platform. */
interface WithRegistry {
  readonly registry: Registry;
  readonly google: { readonly project: string };
}

/** True for a public image with its host, `docker.io/library/postgres`; false for an own one, `nextjs`. */
export function isUpstream(image: string): boolean {
  return /^[^/]+\.[^/]+\//.test(image);
}

/** The host that own images of the platform are pulled from. @throws when it has none. */
export function registryHost({ registry }: Pick<WithRegistry, 'registry'>): string {
  switch (registry.kind) {
    case 'artifact-registry':
      return `${registry.location}-docker.pkg.dev`;
    case 'docker-hub':
      return 'docker.io';
    case 'ghcr':
      return 'ghcr.io';
    case 'upstream':
      throw new Error('the platform has no registry of its own; its images are upstream ones');
  }
}

/** Where an image lies, without its tag: an own one in the platform's registry, an upstream one as it is. */
export function imageRepository({ registry, google }: WithRegistry, image: string): string {
  if (isUpstream(image)) return image;
  const host = registryHost({ registry });
  if (registry.kind === 'artifact-registry') return `${host}/${google.project}/${registry.repository}/${image}`;
  if (registry.kind === 'docker-hub') return `${host}/${registry.organisation}/${registry.prefix}${image}`;
  return `${host}/${registry.kind === 'ghcr' ? registry.owner : ''}/${image}`;
}
