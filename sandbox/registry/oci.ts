import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody, send, sendJson, urlOf } from '../http';
import type { PushedImage, World } from '../world';
import { parseReference } from './reference';

/** One content-addressed document of an image. */
interface Document {
  readonly digest: string;
  readonly mediaType: string;
  readonly body: string;
}

/** Puts an image into the simulated registry, as a build would; it takes the place of what its tag named before. */
export function pushImage(world: World, reference: string, architectures: readonly string[]): PushedImage {
  const { repository, tag } = parseReference(reference);
  const draft = { digest: '', architectures: [...architectures], pushedAt: world.clock.iso() };
  const image = { ...draft, digest: documents(repository, tag, draft)[0]?.digest ?? '' };
  const tags = world.data.images[repository] ?? {};
  tags[tag] = image;
  world.data.images[repository] = tags;
  world.changed();
  world.events.emit('image', repository);
  return image;
}

/**
 * Finds what a kubelet would pull. A part of a registry that holds no pushed repository at all is
 * not simulated (`unknown-registry`); one that does refuses what was never pushed to it (undefined).
 * `ghcr.io/team` and `ghcr.io/other` have nothing to do with each other.
 */
export function findImage(world: World, reference: string): PushedImage | 'unknown-registry' | undefined {
  const { repository, tag, digest } = parseReference(reference);
  const owner = repository.split('/').slice(0, 2).join('/');
  if (!Object.keys(world.data.images).some((known) => known.startsWith(`${owner}/`))) return 'unknown-registry';
  const tags = world.data.images[repository] ?? {};
  return digest ? Object.values(tags).find((image) => image.digest === digest) : tags[tag];
}

/**
 * The OCI distribution API, as far as it reads images and tags them anew. Every registry shares this one endpoint: a repository is asked for with
 * its host as the first part of the name, or with the host in `?ns=`, as containerd asks a mirror.
 */
export async function handleRegistry(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const { pathname, searchParams } = urlOf(request);
  if (!/^\/v2(\/|$)/.test(pathname)) return false;
  const isTagging = request.method === 'PUT' && pathname.includes('/manifests/');
  if (!['GET', 'HEAD'].includes(request.method ?? '') && !isTagging) {
    return refuse(
      response,
      405,
      'UNSUPPORTED',
      'the sandbox takes no layers: an image is pushed by docker buildx build',
    );
  }
  if (/^\/v2\/?$/.test(pathname)) {
    sendJson(response, {});
    return true;
  }
  const [, name, what, wanted] =
    /^\/v2\/(.+)\/(tags|manifests|blobs)\/([^/]+)$/.exec(decodeURIComponent(pathname)) ?? [];
  if (!name || !wanted) return refuse(response, 404, 'NAME_INVALID', `no such endpoint: ${pathname}`);
  const host = searchParams.get('ns');
  const repository = host ? `${host}/${name}` : name;
  const tags = world.data.images[repository];
  if (!tags) return refuse(response, 404, 'NAME_UNKNOWN', `repository ${repository} is not known to the registry`);
  if (what === 'tags') {
    sendJson(response, { name: repository, tags: Object.keys(tags).sort() });
    return true;
  }
  if (isTagging) return addTag(world, repository, wanted, await readBody(request), response);
  const all = Object.entries(tags).map(([tag, image]) => ({
    tag,
    documents: documents(repository, image.builtAs ?? tag, image),
  }));
  const found =
    all.find(({ tag }) => what === 'manifests' && tag === wanted)?.documents[0] ??
    all.flatMap((image) => image.documents).find((document) => document.digest === wanted);
  if (!found) return refuse(response, 404, 'MANIFEST_UNKNOWN', `${wanted} is not in ${repository}`);
  send(response, 200, { 'content-type': found.mediaType, 'docker-content-digest': found.digest }, found.body);
  return true;
}

/** Lets another tag name an image that is here already, known by its index, byte for byte. */
function addTag(world: World, repository: string, tag: string, body: Buffer, response: ServerResponse): true {
  const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`;
  const tags = world.data.images[repository] ?? {};
  const [known, image] = Object.entries(tags).find(([, one]) => one.digest === digest) ?? [];
  if (!known || !image)
    return refuse(response, 404, 'MANIFEST_BLOB_UNKNOWN', `no image of ${repository} has this manifest`);
  tags[tag] = { ...image, builtAs: image.builtAs ?? known };
  world.changed();
  world.events.emit('image', repository);
  send(response, 201, { location: `/v2/${repository}/manifests/${digest}`, 'docker-content-digest': digest });
  return true;
}

/** What an image consists of: its index first, then a manifest and a configuration for each architecture. No layers. */
function documents(repository: string, tag: string, image: PushedImage): Document[] {
  const parts = image.architectures.map((architecture) => {
    const config = document('application/vnd.oci.image.config.v1+json', {
      created: image.pushedAt,
      architecture,
      os: 'linux',
      config: { Labels: { 'org.opencontainers.image.ref.name': `${repository}:${tag}` } },
      rootfs: { type: 'layers', diff_ids: [] },
    });
    const manifest = document('application/vnd.oci.image.manifest.v1+json', {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: describe(config),
      layers: [],
    });
    return { architecture, config, manifest };
  });
  const index = document('application/vnd.oci.image.index.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: parts.map(({ architecture, manifest }) => ({
      ...describe(manifest),
      platform: { architecture, os: 'linux' },
    })),
  });
  return [index, ...parts.flatMap(({ manifest, config }) => [manifest, config])];
}

function document(mediaType: string, content: unknown): Document {
  const body = JSON.stringify(content);
  return { mediaType, body, digest: `sha256:${createHash('sha256').update(body).digest('hex')}` };
}

function describe({ mediaType, digest, body }: Document): { mediaType: string; digest: string; size: number } {
  return { mediaType, digest, size: Buffer.byteLength(body) };
}

function refuse(response: ServerResponse, status: number, code: string, message: string): true {
  sendJson(response, { errors: [{ code, message }] }, status);
  return true;
}
