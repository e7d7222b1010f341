import { join } from 'node:path';
import type { OwnImage } from './own-images';

/** Tag in the image's own repository that holds the layers of earlier builds. */
const CACHE_TAG = 'buildcache';

/** One image of one commit. */
export interface ImageBuild {
  readonly image: OwnImage;
  readonly tag: string;
  /** A checkout of the image's repository. */
  readonly folder: string;
  /** Commit in the label of the image. */
  readonly commit: string;
  /** True to push it, and a layer cache for later builds; false to only check that it can be built. */
  readonly push: boolean;
}

/**
 * Arguments of `docker` to build an image for all its platforms, with the layer cache of earlier builds.
 *
 * The cache is in the registry, since a runner starts empty. SOURCE_DATE_EPOCH is not set: Image Updater orders images by their
 * build date. Source: https://docs.docker.com/reference/cli/docker/buildx/build/
 */
export function buildArguments({ image, tag, folder, commit, push }: ImageBuild): string[] {
  const { repository, architectures, source, build } = image;
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
    ...(push ? [`--cache-to=${cache},mode=max`, '--push'] : []),
    context,
  ];
}
