import type { Architecture } from '../../platforms/architecture';
import { type Build, build } from '../../platforms/build';
import { imageRepository, isUpstream } from '../../platforms/registry';
import type { Platform } from '../../platforms/schema';

/** An image that the platform's people build themselves. */
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
