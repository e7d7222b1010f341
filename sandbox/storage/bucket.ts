import { createHash } from 'node:crypto';
import { CloudError } from '../google/cloud-error';
import type { StoredObject, World } from '../world';

/** An object of a bucket with its content decoded. */
export interface ObjectRead extends Omit<StoredObject, 'data'> {
  readonly content: Buffer;
}

/** Makes an empty bucket; one that is there stays as it is. */
export function createBucket(world: World, name: string): void {
  world.data.buckets[name] ??= {};
  world.changed();
}

/** The terraform state under `prefix`, parsed; undefined when there is none. */
export function stateObject(world: World, bucket: string, prefix: string): Record<string, unknown> | undefined {
  const stored = world.data.buckets[bucket]?.[`${prefix}/default.tfstate`];
  return stored && (JSON.parse(Buffer.from(stored.data, 'base64').toString()) as Record<string, unknown>);
}

/** The state locks that are held, with the id by which terraform releases each: the generation of its object. */
export function locksIn(world: World): { readonly path: string; readonly id: string }[] {
  return Object.entries(world.data.buckets).flatMap(([bucket, objects]) =>
    Object.entries(objects)
      .filter(([name]) => name.endsWith('.tflock'))
      .map(([name, { generation }]) => ({ path: `${bucket}/${name}`, id: generation })),
  );
}

/** The objects of a bucket by name. Refuses a bucket that does not exist, with Google's message. */
export function objectsOf(world: World, bucket: string): Record<string, StoredObject> {
  const objects = world.data.buckets[bucket];
  if (!objects)
    throw new CloudError({ status: 404, reason: 'notFound', message: 'The specified bucket does not exist.' });
  return objects;
}

/** Reads an object, or refuses. */
export function readObject(world: World, bucket: string, name: string): ObjectRead {
  const stored = objectsOf(world, bucket)[name];
  if (!stored) throw new CloudError({ status: 404, reason: 'notFound', message: `No such object: ${bucket}/${name}` });
  const { data, ...metadata } = stored;
  return { ...metadata, content: Buffer.from(data, 'base64') };
}

/** Writes an object under a new generation when the preconditions in the query hold. */
export function writeObject(
  world: World,
  bucket: string,
  name: string,
  content: Buffer,
  contentType: string,
  query: URLSearchParams,
): void {
  const objects = objectsOf(world, bucket);
  assertPreconditions(objects[name], query);
  objects[name] = {
    generation: world.nextId(),
    metageneration: '1',
    contentType,
    updated: new Date(world.clock.now()).toISOString(),
    data: content.toString('base64'),
  };
  world.changed();
}

/** Deletes an object when the preconditions in the query hold. */
export function deleteObject(world: World, bucket: string, name: string, query: URLSearchParams): void {
  readObject(world, bucket, name);
  const objects = objectsOf(world, bucket);
  assertPreconditions(objects[name], query);
  delete objects[name];
  world.changed();
}

/** An object as the JSON API shows it. */
export function objectResource(world: World, bucket: string, name: string): Record<string, unknown> {
  const { content, ...stored } = readObject(world, bucket, name);
  return {
    kind: 'storage#object',
    id: `${bucket}/${name}/${stored.generation}`,
    name,
    bucket,
    ...stored,
    timeCreated: stored.updated,
    storageClass: 'STANDARD',
    size: String(content.length),
    md5Hash: createHash('md5').update(content).digest('base64'),
    etag: stored.generation,
  };
}

/** A precondition that is not known cannot be kept, so it is refused. */
function assertPreconditions(stored: StoredObject | undefined, query: URLSearchParams): void {
  for (const [name, wanted] of query) {
    if (!name.startsWith('if')) continue;
    if (name !== 'ifGenerationMatch') {
      throw new CloudError({
        status: 501,
        reason: 'notImplemented',
        message: `the sandbox knows the precondition ifGenerationMatch, got ${name}`,
      });
    }
    if (wanted !== (stored?.generation ?? '0')) {
      throw new CloudError({
        status: 412,
        reason: 'conditionNotMet',
        message: 'At least one of the pre-conditions you specified did not hold.',
      });
    }
  }
}
