import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { messageOf } from '../../errors';
import { type Context, ProviderError } from '../../protocol/behaviour';
import { isUnknown, type Value, type Values } from '../../protocol/values';
import { ApiError, type ApiKind, type ClusterApi, type ObjectRef } from '../api-server/api';
import { splitApiVersion } from '../api-server/kinds';
import { adminKubeconfig } from '../clusters/kubeconfig';

/** Finds the simulated cluster behind a kubeconfig. */
export interface ClusterSource {
  /** @param context - the current one when left out. */
  fromKubeconfig(text: string, context?: string): ClusterApi;
}

/** Refuses a provider block whose kubeconfig does not exist, with the real provider's message. */
export function refuseMissingKubeconfig(config: Values, context: Context): void {
  for (const path of paths(config, context.home)) {
    if (existsSync(path)) continue;
    if (!isAbsolute(path)) {
      throw new ProviderError(
        'Invalid attribute in provider configuration',
        `'config_path' is relative: "${path}"; the sandbox does not know terraform's folder, so write an absolute path or one from ~/`,
      );
    }
    throw new ProviderError(
      'Invalid attribute in provider configuration',
      `'config_path' refers to an invalid path: "${path}": stat ${path}: no such file or directory`,
    );
  }
}

/**
 * The cluster that the provider block points to. Whether it answers is seen at the first call.
 *
 * @throws ProviderError when there is none. With no configuration at all that is localhost, as with the real provider.
 */
export function connect(clusters: ClusterSource, { provider, home }: Context, request: string): ClusterApi {
  const file = paths(provider, home)[0];
  const host = provider['host'];
  if (!file && !host) {
    throw new ProviderError(
      `${request.replace('"/', '"http://localhost/')}: dial tcp 127.0.0.1:80: connect: connection refused`,
    );
  }
  try {
    const text = host ? adminKubeconfig('default', String(host)) : readFileSync(String(file), 'utf8');
    return clusters.fromKubeconfig(
      text,
      host ? undefined : ((provider['config_context'] as string | null) ?? undefined),
    );
  } catch (error) {
    throw new ProviderError(messageOf(error));
  }
}

/** One call of the API. What the API, or its silence, refuses becomes a ProviderError. @param what - prefix such as `Failed to create deployment: `. */
export function call<T>(
  cluster: ClusterApi,
  verb: 'Get' | 'Post' | 'Put' | 'Patch' | 'Delete',
  ref: ObjectRef,
  run: () => T,
  what = '',
): T {
  try {
    cluster.assertAnswers();
  } catch (error) {
    throw new ProviderError(
      `${what}${verb} "https://${cluster.host.address}:6443${pathOf(cluster, ref)}": ${messageOf(error)}`,
    );
  }
  try {
    return run();
  } catch (error) {
    if (error instanceof ApiError) throw new ProviderError(`${what}${error.message}`);
    throw error;
  }
}

/** The path of an object, or of a kind when the reference has no name. */
function pathOf(cluster: ClusterApi, ref: ObjectRef): string {
  const kind: ApiKind | undefined = cluster.kind(ref.group, ref.kind);
  const version = kind?.versions[0] ?? 'v1';
  const root = ref.group ? `/apis/${ref.group}/${version}` : `/api/${version}`;
  const scope = kind?.namespaced ? `/namespaces/${ref.namespace ?? 'default'}` : '';
  return `${root}${scope}/${kind?.plural ?? `${ref.kind.toLowerCase()}s`}/${ref.name}`;
}

/** Reference to what a manifest describes. */
export function refOfManifest(manifest: Values): ObjectRef {
  const metadata = (manifest['metadata'] ?? {}) as Values;
  const { group } = splitApiVersion(String(manifest['apiVersion'] ?? ''));
  const namespace = metadata['namespace'] as string | undefined;
  return { group, kind: String(manifest['kind']), ...(namespace ? { namespace } : {}), name: String(metadata['name']) };
}

function paths(config: Values, home: string): string[] {
  const listed = config['config_paths'];
  const all: Value[] = [config['config_path'] ?? null, ...(Array.isArray(listed) ? listed : [])];
  return all.flatMap((path) => {
    if (typeof path !== 'string' || path === '' || isUnknown(path)) return [];
    return [path.startsWith('~/') ? join(home, path.slice(2)) : path];
  });
}
