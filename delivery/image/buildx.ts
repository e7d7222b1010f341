import { join } from 'node:path';
import type { OwnImage } from './own-images';

/** Tag in the image's own repository that holds the layers of earlier builds. */
const CACHE_TAG = 'buildcache';

/**
 * Arguments of docker that build an image for all its platforms, with the layers of earlier builds, and push it.
 *
 * The registry keeps the cache, since a runner starts empty. SOURCE_DATE_EPOCH is not set: Image Updater orders images by
 * the date on which they were built. Source: https://docs.docker.com/reference/cli/docker/buildx/build/
 *
 * @param folder - a checkout of the image's repository.
 * @param commit - which the image says that it was built from.
 */
export function buildArguments(
  { repository, architectures, source, build }: OwnImage,
  tag: string,
  folder: string,
  commit: string,
): string[] {
  const cache = `type=registry,ref=${repository}:${CACHE_TAG}`;
  const context = join(folder, build.context);
  return [
    'buildx',
    'build',
    `--platform=${architectures.map((architecture) => `linux/${architecture}`).join(',')}`,
    `--file=${build.dockerfile ? join(folder, build.dockerfile) : join(context, 'Dockerfile')}`,
    `--tag=${repository}:${tag}`,
    `--label=org.opencontainers.image.revision=${commit}`,
    `--label=org.opencontainers.image.source=${source.replace(/\.git$/, '')}`,
    `--cache-from=${cache}`,
    `--cache-to=${cache},mode=max`,
    '--push',
    context,
  ];
}
