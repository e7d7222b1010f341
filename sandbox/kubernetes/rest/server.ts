import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf } from '../../errors';
import { readBody, sendJson, urlOf } from '../../http';
import { fieldOf, isObject } from '../../json';
import type { KubernetesObject } from '../../world';
import { ApiError, type ApiKind, type ObjectRef } from '../api-server/api';
import type { Cluster } from '../api-server/cluster';
import { resourceName } from '../api-server/kinds';
import type { Clusters } from '../clusters/clusters';
import { parseBody } from './body';
import { discover } from './discovery';
import { logOf } from './log';
import { type PatchType, patch } from './patch';
import { reviewOf } from './review';
import { selects } from './select';
import { statusOf } from './status';
import { asTable, wantsTable } from './table';
import { watch } from './watch';

/** What a path names: a kind, in a namespace or in all, one object or all, and maybe a part of it. */
interface Target {
  readonly kind: ApiKind;
  readonly version: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

/**
 * Serves the Kubernetes API of every simulated cluster below `/clusters/<machine>/`, well enough for kubectl.
 *
 * A machine that is off answers 503 with the message that a client of an unreachable server prints.
 */
export async function handleKubernetes(
  clusters: Clusters,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const url = urlOf(request);
  if (!url.pathname.startsWith('/clusters/')) return false;
  try {
    const found = clusters.locate(url.pathname);
    const cluster = found && clusters.get(found.key);
    if (!found || !cluster) {
      const where = url.pathname.slice('/clusters/'.length);
      throw new ApiError(503, 'ServiceUnavailable', `no cluster at ${where}: dial tcp: connect: connection refused`);
    }
    assertAnswers(cluster);
    const target = targetOf(cluster, found.rest);
    if (target && !target.name && request.method === 'GET' && isTrue(url.searchParams.get('watch'))) {
      watch(cluster, target.kind, target.namespace, url.searchParams, request, response);
      return true;
    }
    await cluster.world.clock.busy(async () =>
      answer(cluster, found.rest, target, url.searchParams, request, response),
    );
  } catch (error) {
    const refusal = error instanceof ApiError ? error : new ApiError(500, 'InternalError', messageOf(error));
    sendJson(response, statusOf(refusal), refusal.status);
  }
  return true;
}

function assertAnswers(cluster: Cluster): void {
  try {
    cluster.assertAnswers();
  } catch (error) {
    throw new ApiError(503, 'ServiceUnavailable', messageOf(error));
  }
}

async function answer(
  cluster: Cluster,
  path: string,
  target: Target | undefined,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = parseBody(await readBody(request));
  if (!target) {
    const found =
      discover(cluster, path) ?? (request.method === 'POST' ? reviewOf(path, isObject(body) ? body : {}) : undefined);
    if (typeof found === 'string') return void response.writeHead(200, { 'content-type': 'text/plain' }).end(found);
    if (!found) throw new ApiError(404, 'NotFound', 'the server could not find the requested resource');
    return sendJson(response, found, request.method === 'POST' ? 201 : 200);
  }
  if (target.subresource === 'log') {
    return void response
      .writeHead(200, { 'content-type': 'text/plain' })
      .end(logOf(cluster, existing(cluster, target), query));
  }
  const result = perform(cluster, target, query, request, body);
  const isRead = request.method === 'GET' && !target.subresource;
  sendJson(
    response,
    isRead && wantsTable(request) ? asTable(cluster, target.kind, result) : result,
    request.method === 'POST' ? 201 : 200,
  );
}

function perform(
  cluster: Cluster,
  target: Target,
  query: URLSearchParams,
  request: IncomingMessage,
  body: unknown,
): object {
  // kubectl says it in the options that are the body of a deletion, and in the query of everything else.
  const isDryRun = query.has('dryRun') || (request.method === 'DELETE' && isObject(body) && 'dryRun' in body);
  const content = body as KubernetesObject | undefined;
  if (target.subresource) return onSubresource(cluster, target, request.method ?? 'GET', content);
  switch (request.method) {
    case 'GET':
      return target.name ? existing(cluster, target) : list(cluster, target, query);
    case 'POST':
      return isDryRun ? cluster.preview(placed(target, content)) : cluster.create(placed(target, content));
    case 'PUT':
      return isDryRun ? cluster.preview(placed(target, content)) : cluster.replace(placed(target, content));
    case 'PATCH':
      return patched(cluster, target, request, content, isDryRun);
    case 'DELETE':
      return remove(cluster, target, query, isDryRun);
    default:
      throw new ApiError(405, 'MethodNotAllowed', `${request.method} is not supported by the sandbox`);
  }
}

function patched(
  cluster: Cluster,
  target: Target,
  request: IncomingMessage,
  content: unknown,
  isDryRun: boolean,
): KubernetesObject {
  const type = (request.headers['content-type'] ?? '').split(';')[0] as PatchType;
  if (type === 'application/apply-patch+yaml') {
    const object = placed(target, content as KubernetesObject);
    delete object.metadata.resourceVersion;
    return isDryRun ? cluster.preview(object) : cluster.apply(object);
  }
  const before = existing(cluster, target);
  const { resourceVersion: _, ...metadata } = before.metadata;
  const next = patch({ ...before, metadata }, content, type) as KubernetesObject;
  return isDryRun ? cluster.preview(next) : cluster.replace(next);
}

function remove(cluster: Cluster, target: Target, query: URLSearchParams, isDryRun: boolean): object {
  const deletable = target.name ? [existing(cluster, target)] : list(cluster, target, query).items;
  for (const { metadata } of isDryRun ? [] : deletable) {
    const ref = refOf(target, metadata.name, metadata.namespace);
    // The one before may have taken it along.
    if (cluster.get(ref)) cluster.delete(ref);
  }
  const [first] = deletable;
  const details = { name: target.name, group: target.kind.group, kind: target.kind.plural, uid: first?.metadata.uid };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}

function onSubresource(
  cluster: Cluster,
  target: Target,
  method: string,
  content: KubernetesObject | undefined,
): object {
  const object = existing(cluster, target);
  const { name, namespace } = object.metadata;
  if (target.subresource === 'scale') {
    const spec = { ...(isObject(object['spec']) ? object['spec'] : {}) };
    const replicas = fieldOf(content?.['spec'], 'replicas');
    const { resourceVersion: _, ...metadata } = object.metadata;
    const now = method === 'GET' ? object : cluster.replace({ ...object, metadata, spec: { ...spec, replicas } });
    const scale = { replicas: fieldOf(now['spec'], 'replicas') };
    return {
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: now.metadata,
      spec: scale,
      status: { replicas: scale.replicas },
    };
  }
  if (target.subresource === 'status') {
    if (method !== 'GET')
      cluster.setStatus(refOf(target, name, namespace), isObject(content?.['status']) ? content['status'] : {});
    return existing(cluster, target);
  }
  throw new ApiError(403, 'Forbidden', `${target.subresource} is not possible here: the sandbox runs no containers`);
}

function list(cluster: Cluster, target: Target, query: URLSearchParams) {
  const { kind, version, namespace } = target;
  const items = cluster.list(kind.group, kind.kind, namespace).filter((object) => selects(query, object));
  return {
    kind: `${kind.kind}List`,
    apiVersion: kind.group ? `${kind.group}/${version}` : version,
    metadata: { resourceVersion: String(cluster.data.resourceVersion ?? 0) },
    items,
  };
}

function existing(cluster: Cluster, target: Target): KubernetesObject {
  const object = cluster.get(refOf(target, target.name ?? '', target.namespace));
  if (!object) throw new ApiError(404, 'NotFound', `${resourceName(target.kind)} "${target.name}" not found`);
  return object;
}

function refOf({ kind: { group, kind } }: Target, name: string, namespace: string | undefined): ObjectRef {
  return { group, kind, ...(namespace ? { namespace } : {}), name };
}

/** The object of a request, with what only the path says. */
function placed({ kind, version, name, namespace }: Target, content: KubernetesObject | undefined): KubernetesObject {
  const apiVersion = kind.group ? `${kind.group}/${version}` : version;
  const metadata = { ...content?.metadata, ...(name ? { name } : {}), ...(namespace ? { namespace } : {}) };
  return { ...content, apiVersion, kind: kind.kind, metadata } as KubernetesObject;
}

function targetOf(cluster: Cluster, path: string): Target | undefined {
  const [, group = '', version, rest] = /^\/(?:api|apis\/([^/]+))\/([^/]+)\/(.+)$/.exec(path) ?? [];
  if (!version || !rest) return undefined;
  const parts = rest.split('/').map(decodeURIComponent);
  const inNamespace = parts[0] === 'namespaces' && parts.length > 2 && !['status', 'finalize'].includes(parts[2] ?? '');
  const [plural, name, subresource] = inNamespace ? parts.slice(2) : parts;
  const kind = cluster
    .kinds()
    .find((known) => known.group === group && known.plural === plural && known.versions.includes(version));
  return kind && { kind, version, name, subresource, ...(inNamespace ? { namespace: parts[1] } : {}) };
}

function isTrue(value: string | null): boolean {
  return value === 'true' || value === '1';
}
