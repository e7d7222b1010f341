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

/** The own images of a platform: those of services, then those that no service runs. */
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
  const all = ownImages(platform);
  const found = all.find((image) => image.name === name);
  if (found) return found;
  if (platform.services[name]) {
    throw new UsageError(
      `service "${name}" of platform "${platform.name}" runs an upstream image; change its tag in the overlay`,
    );
  }
  const known = all.map((image) => image.name).join(', ') || 'none';
  throw new UsageError(`unknown service "${name}" in platform "${platform.name}"; expected one of ${known}`);
}
