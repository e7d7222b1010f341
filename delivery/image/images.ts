import type { RegistryClient, RemoteImage } from '../../clients/registry';
import { RefusedError } from '../../errors';
import type { Architecture } from '../../platforms/schema/architecture';
import type { Overlay } from '../overlays';
import type { OwnImage } from './own-images';

/** An own image of an environment, and whether its registry has it. */
export interface ImageStatus {
  readonly name: string;
  /** With its tag. */
  readonly reference: string;
  readonly state: 'present' | 'missing' | 'wrong platform';
  /** What it was built for. */
  readonly platforms: readonly string[];
}

/** For each own image in an environment's overlays, whether its nodes can pull it. */
export function imageStatus(
  registry: Pick<RegistryClient, 'find'>,
  overlays: readonly Overlay[],
  own: readonly OwnImage[],
  architecture: Architecture,
): Promise<ImageStatus[]> {
  const named = own.flatMap(({ name, repository }) =>
    overlays
      .flatMap(({ images }) => images)
      .filter((image) => image.repository === repository)
      .map(({ tag }) => ({ name, repository, tag })),
  );
  return Promise.all(
    named.map(async ({ name, repository, tag }) => {
      const found = await registry.find(repository, tag);
      const state = !found ? 'missing' : runsOn(found, architecture) ? 'present' : 'wrong platform';
      return { name, reference: `${repository}:${tag}`, state, platforms: found?.platforms ?? [] };
    }),
  );
}

/** True if the registry has a tag of an own image for all of its platforms, so that nothing has to be built. */
export async function isPushed(registry: RegistryClient, image: OwnImage, tag: string): Promise<boolean> {
  const found = await registry.find(image.repository, tag);
  return found !== undefined && image.architectures.every((one) => runsOn(found, one));
}

/**
 * The image that is about to be deployed.
 *
 * @param architecture - of the nodes.
 * @throws {RefusedError} if the registry does not have it, or not for the architecture of the nodes.
 */
export async function requireImage(
  registry: RegistryClient,
  { repository, tag }: { readonly repository: string; readonly tag: string },
  architecture: Architecture,
): Promise<RemoteImage> {
  const found = await registry.find(repository, tag);
  if (!found) throw new RefusedError(`${repository}:${tag} is not in the registry; build and push it first`);
  if (runsOn(found, architecture)) return found;
  throw new RefusedError(
    `${repository}:${tag} is built for ${found.platforms.join(', ') || 'no platform'}, but the nodes are linux/${architecture}; build it for linux/${architecture} too`,
  );
}

function runsOn({ platforms }: RemoteImage, architecture: Architecture): boolean {
  return platforms.includes(`linux/${architecture}`);
}
