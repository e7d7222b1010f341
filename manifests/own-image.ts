import { imageRepository, type Platform } from '../platforms/schema/define-platform';
import { isUpstream } from '../platforms/schema/registry';

/**
 * Where an image has to be, judged by its name: `old.example/shop/web` is the own image `web`, and so is `old-prefix-web` of a
 * registry with a prefix.
 *
 * @param repository - an image without its tag
 * @returns undefined where it is no own image, or one of an upstream that the platform names.
 */
export function ownImageOf(platform: Platform, repository: string): string | undefined {
  const { services, images, registry } = platform;
  if (registry.kind === 'upstream') return undefined;
  const all = [...Object.values(services).map(({ image }) => image), ...Object.keys(images)];
  if (all.some((image) => imageRepository(platform, image) === repository)) return repository;
  // An official image of Docker Hub, or one of another owner, may have the same last name: only ours has no upstream entry.
  const separator = registry.kind === 'docker-hub' ? /[/-]/ : /\//;
  const [own] = all
    .filter((image) => !isUpstream(image) && repository.endsWith(image))
    .filter((image) => separator.test(repository.at(-image.length - 1) ?? ''))
    .sort((a, b) => b.length - a.length);
  return own === undefined ? undefined : imageRepository(platform, own);
}
