import { UsageError } from '../../errors';
import type { Architecture } from '../../platforms/schema/architecture';
import { type Build, build } from '../../platforms/schema/build';
import type { Platform } from '../../platforms/schema/define-platform';
import { imageRepository, isUpstream } from '../../platforms/schema/registry';

/** An own image: one that is built from a repository of the platform. */
export interface OwnImage {
  /** Name of the service, or of the image that no service runs. */
  readonly name: string;
  /** Where it is in the registry, with its host. */
  readonly repository: string;
  readonly architectures: readonly Architecture[];
  /** URL of the Git repository that it is built from. */
  readonly source: string;
  readonly build: Build;
}

/** A public image that a service runs: its publisher builds it, and its tags name no commits of ours. */
export interface UpstreamImage {
  /** Name of the service. */
  readonly name: string;
  /** Where it is, with its host. */
  readonly repository: string;
}

/** True for an image that the platform's people build. */
export function isOwn(image: OwnImage | UpstreamImage): image is OwnImage {
  return 'build' in image;
}

/** The images that are built from repositories of ours: those of services, then those that no service runs. */
export function ownImages(platform: Platform): OwnImage[] {
  const { services, images, repository } = platform;
  const ofServices = Object.entries(services).flatMap(([name, service]) => {
    const { image, architectures, source = repository.url } = service;
    if (isUpstream(image)) return [];
    return [
      {
        name,
        repository: imageRepository(platform, image),
        architectures,
        source,
        build: service.build ?? build.parse({}),
      },
    ];
  });
  const others = Object.entries(images).map(([name, image]) => ({
    name,
    repository: imageRepository(platform, name),
    source: repository.url,
    ...image,
  }));
  return [...ofServices, ...others];
}

/** The own image of a service, or one that no service runs. @throws {UsageError} listing the own images if it is unknown. */
export function ownImageOf(platform: Platform, name: string): OwnImage {
  const image = deliveredImageOf(platform, name);
  if (isOwn(image)) return image;
  throw new UsageError(
    `service "${name}" of platform "${platform.name}" runs an upstream image, which is not built here; ` +
      `deploy a published tag with: npm run ship -- ${name} --tag TAG`,
  );
}

/** What is delivered under a name: an own image, or the upstream image of a service. @throws {UsageError} naming the known ones. */
export function deliveredImageOf(platform: Platform, name: string): OwnImage | UpstreamImage {
  const own = ownImages(platform);
  const found = own.find((image) => image.name === name);
  if (found) return found;
  const service = platform.services[name];
  if (service && Object.hasOwn(platform.services, name)) return { name, repository: service.image };
  const known = [...new Set([...own.map((image) => image.name), ...Object.keys(platform.services)])];
  throw new UsageError(
    `unknown service "${name}" in platform "${platform.name}"; expected one of ${known.join(', ') || 'none'}`,
  );
}
