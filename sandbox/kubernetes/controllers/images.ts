import { messageOf } from '../../errors';
import { parseReference } from '../../registry/reference';
import type { PushedImage } from '../../world';
import type { Container } from '../api-server/pod';

/** Where images come from, as the sandbox's registries hold them. */
export interface ImageSource {
  /** What a reference names; 'unknown-registry' where the sandbox does not hold the registry, so that anything may be there. */
  find(reference: string): PushedImage | 'unknown-registry' | undefined;
}

/** Why a container does not start: its waiting state, and what its log would say. */
export interface Refusal {
  readonly reason: string;
  readonly message: string;
  readonly log?: string;
}

/** What keeps an image from running on a node of that architecture, or nothing. */
export function refusalOfImage(images: ImageSource, container: Container, architecture: string): Refusal | undefined {
  const { image, name } = container;
  try {
    parseReference(image);
  } catch (error) {
    const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": ${messageOf(error)}`;
    return { reason: 'InvalidImageName', message };
  }
  const found = images.find(image);
  if (!found) {
    const message = `Back-off pulling image "${image}": ErrImagePull: failed to resolve reference "${image}": ${image}: not found`;
    return { reason: 'ImagePullBackOff', message };
  }
  if (found !== 'unknown-registry' && !found.architectures.includes(architecture)) {
    return crash(
      name,
      `exec format error (image is for ${found.architectures.join(', ')}, the node is ${architecture})`,
    );
  }
  const log = refusalOfPostgres(container);
  return log ? crash(name, log) : undefined;
}

/** The status of a container that exits as soon as it starts. @param log - the last line of its log. */
export function crash(name: string, log: string): Refusal {
  return { reason: 'CrashLoopBackOff', message: `back-off 5m0s restarting failed container=${name}: ${log}`, log };
}

/**
 * Images of PostgreSQL 18 and later do not start on the mount path of earlier ones; those of CloudNativePG have another
 * entry point and do. Source: docker-library/postgres #1259.
 */
function refusalOfPostgres({ image, volumeMounts = [] }: Container): string | undefined {
  const major = /^(?!ghcr\.io\/cloudnative-pg\/)(?:.*\/)?(?:postgres|postgis|pgvector):(?:pg)?(\d+)/.exec(image)?.[1];
  const mounted = volumeMounts.some(({ mountPath }) => mountPath.replace(/\/$/, '') === '/var/lib/postgresql/data');
  if (!major || Number(major) < 18 || !mounted) return undefined;
  return 'Error: in 18+, these Docker images are configured to store database data in a format which is compatible with "pg_ctlcluster"; mount a single volume at /var/lib/postgresql instead of /var/lib/postgresql/data';
}
