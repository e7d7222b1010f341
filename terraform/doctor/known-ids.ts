import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BucketObject } from '../../clients/bucket-object';
import type { Stack } from '../stack';
import { gcsBackendOf } from '../synthesised';

/** A state, as far as the ids in it are concerned. */
interface StateFile {
  readonly resources?: readonly {
    readonly mode: string;
    readonly instances?: readonly { readonly attributes?: { readonly id?: unknown } }[];
  }[];
}

/** Ids of all resources in the states of these stacks. A state that does not exist has none. */
export async function knownIds(
  stacks: readonly Pick<Stack, 'directory'>[],
  env?: NodeJS.ProcessEnv,
): Promise<Set<string>> {
  const found = await Promise.all(stacks.map(({ directory }) => idsIn(directory, env)));
  return new Set(found.flat());
}

async function idsIn(directory: string, env: NodeJS.ProcessEnv | undefined): Promise<string[]> {
  const backend = gcsBackendOf(readFileSync(join(directory, 'cdk.tf.json'), 'utf8'));
  const stored = backend && (await new BucketObject(backend.bucket, `${backend.prefix}/default.tfstate`, env).read());
  const { resources = [] } = stored ? (JSON.parse(stored.content) as StateFile) : {};
  return resources
    .filter(({ mode }) => mode === 'managed')
    .flatMap(({ instances = [] }) => instances.map(({ attributes }) => attributes?.id))
    .filter((id): id is string => typeof id === 'string');
}
