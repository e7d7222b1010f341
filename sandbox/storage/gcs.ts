import type { IncomingMessage, ServerResponse } from 'node:http';
import { CloudError } from '../google/cloud-error';
import { sendGoogleError } from '../google/rest/error';
import { createBucketIn } from '../google/storage';
import { block, text } from '../google/values';
import { readJson, send, sendJson, urlOf } from '../http';
import type { Values } from '../protocol/values';
import type { World } from '../world';
import { deleteObject, objectResource, objectsOf, readObject } from './bucket';
import { handleUpload } from './upload';

/**
 * The Cloud Storage API on the world's buckets: what terraform's gcs backend calls, and buckets themselves.
 *
 * Route it last: reads in the XML API's style (`GET /BUCKET/OBJECT`) take any path of two parts or more.
 */
export async function handleStorage(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const { pathname, searchParams } = urlOf(request);
  const [, upload, bucket, , name] =
    /^\/(upload\/)?storage\/v1\/b(?:\/([^/]+)(\/o(?:\/(.+))?)?)?$/.exec(pathname)?.map(decode) ?? [];
  try {
    if (pathname.startsWith('/upload/storage/v1/b/') && upload && bucket) {
      await handleUpload(world, bucket, searchParams, request, response);
    } else if (!pathname.startsWith('/storage/v1/')) {
      return sendXmlObject(world, request, response);
    } else if (!bucket) {
      await handleBuckets(world, request, response);
    } else if (name) {
      handleObject(world, bucket, name, searchParams, request, response);
    } else if (request.method === 'GET') {
      const listing = pathname.endsWith('/o');
      sendJson(response, listing ? listObjects(world, bucket, searchParams) : bucketResource(world, bucket));
    } else {
      throw unknownCall(request);
    }
  } catch (error) {
    sendGoogleError(response, error);
  }
  return true;
}

function handleObject(
  world: World,
  bucket: string,
  name: string,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (request.method === 'DELETE') {
    deleteObject(world, bucket, name, query);
    send(response, 204, {});
  } else if (request.method !== 'GET') {
    throw unknownCall(request);
  } else if (query.get('alt') === 'media') {
    sendContent(world, bucket, name, response);
  } else {
    sendJson(response, objectResource(world, bucket, name));
  }
}

async function handleBuckets(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === 'GET') {
    const items = Object.keys(world.data.buckets).map((name) => bucketResource(world, name));
    return sendJson(response, { kind: 'storage#buckets', items });
  }
  if (request.method !== 'POST') throw unknownCall(request);
  const body = await readJson(request);
  const project = urlOf(request).searchParams.get('project') ?? '';
  if (!project) throw new CloudError({ status: 400, reason: 'required', message: 'Required parameter: project' });
  const place = { name: String(body['name'] ?? ''), project, location: String(body['location'] ?? 'US') };
  await world.clock.busy(() => createBucketIn(world, place, settingsOf(body as BucketBody)));
  sendJson(response, bucketResource(world, place.name));
}

/** What the sandbox reads of a new bucket. Source: https://cloud.google.com/storage/docs/json_api/v1/buckets#resource */
interface BucketBody {
  readonly iamConfiguration?: {
    readonly uniformBucketLevelAccess?: { readonly enabled: boolean };
    readonly publicAccessPrevention?: string;
  };
  readonly versioning?: { readonly enabled: boolean };
}

function settingsOf({ iamConfiguration, versioning }: BucketBody): Values {
  return {
    uniform_bucket_level_access: iamConfiguration?.uniformBucketLevelAccess?.enabled ?? false,
    public_access_prevention: iamConfiguration?.publicAccessPrevention ?? 'inherited',
    versioning: versioning ? [{ enabled: versioning.enabled }] : [],
  };
}

function bucketResource(world: World, name: string): Record<string, unknown> {
  objectsOf(world, name);
  const values = (world.get('google_storage_bucket', name)?.values ?? {}) as Values;
  const versioning = block(values, 'versioning');
  return {
    kind: 'storage#bucket',
    id: name,
    name,
    storageClass: 'STANDARD',
    etag: 'CAE=',
    ...(text(values, 'location') && { location: text(values, 'location') }),
    ...(versioning && { versioning }),
  };
}

function listObjects(world: World, bucket: string, query: URLSearchParams): Record<string, unknown> {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const items: unknown[] = [];
  const prefixes = new Set<string>();
  for (const name of Object.keys(objectsOf(world, bucket)).sort()) {
    if (!name.startsWith(prefix)) continue;
    const end = delimiter ? name.indexOf(delimiter, prefix.length) : -1;
    if (end >= 0) prefixes.add(name.slice(0, end + delimiter.length));
    else items.push(objectResource(world, bucket, name));
  }
  return { kind: 'storage#objects', items, prefixes: [...prefixes] };
}

/** Reads in the XML API's style. A path that names no bucket is left to others, or to a plain 404. */
function sendXmlObject(world: World, request: IncomingMessage, response: ServerResponse): boolean {
  const [, bucket, name] = /^\/([^/]+)\/(.+)$/.exec(urlOf(request).pathname)?.map(decode) ?? [];
  if (!bucket || !name || !['GET', 'HEAD'].includes(request.method ?? '')) return false;
  const missing = !world.data.buckets[bucket]
    ? ['NoSuchBucket', 'The specified bucket does not exist.']
    : !world.data.buckets[bucket][name] && ['NoSuchKey', 'The specified key does not exist.'];
  if (!missing) {
    sendContent(world, bucket, name, response);
    return true;
  }
  const xml = `<?xml version='1.0' encoding='UTF-8'?><Error><Code>${missing[0]}</Code><Message>${missing[1]}</Message></Error>`;
  send(response, 404, { 'content-type': 'application/xml; charset=UTF-8' }, xml);
  return true;
}

function sendContent(world: World, bucket: string, name: string, response: ServerResponse): void {
  const { content, contentType, generation, metageneration } = readObject(world, bucket, name);
  send(
    response,
    200,
    { 'content-type': contentType, 'x-goog-generation': generation, 'x-goog-metageneration': metageneration },
    content,
  );
}

function unknownCall(request: IncomingMessage): CloudError {
  const call = `${request.method} ${urlOf(request).pathname}`;
  return new CloudError({
    status: 501,
    reason: 'notImplemented',
    message: `the sandbox's Cloud Storage does not know ${call}`,
  });
}

function decode(part: string | undefined): string | undefined {
  return part === undefined ? undefined : decodeURIComponent(part);
}
