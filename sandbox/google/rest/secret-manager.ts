import type { IncomingMessage, ServerResponse } from 'node:http';
import { readJson, sendJson, urlOf } from '../../http';
import type { Values } from '../../protocol/values';
import type { CloudObject, World } from '../../world';
import { CloudError } from '../cloud-error';
import { secret } from '../iam/service-accounts';
import { refusePayload } from '../secret-version';
import { assertCredential, sendGoogleError } from './error';

const TYPE = 'google_secret_manager_secret';

/** The part of the Secret Manager API v1 that our commands call, on the secrets that terraform has created. */
export async function handleSecretManager(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if (!/^\/v1\/projects\/[^/]+\/secrets(\/|:|$)/.test(urlOf(request).pathname)) return false;
  try {
    assertCredential(request);
    sendJson(response, await answer(world, request));
  } catch (error) {
    sendGoogleError(response, error);
  }
  return true;
}

/** One version of a secret as a workload reads it: its value, or what is missing. @param version - a number or `latest` */
export function readSecret(
  world: World,
  project: string,
  name: string,
  version: string,
): { readonly value: string } | 'missing' | 'empty' {
  const key = `projects/${project}/secrets/${name}`;
  const stored = world.get(TYPE, key);
  if (!stored) return 'missing';
  const all = values(world, stored);
  const data = version === 'latest' ? all.at(-1) : all[Number(version) - 1];
  return data === undefined ? 'empty' : { value: Buffer.from(data, 'base64').toString() };
}

async function answer(world: World, request: IncomingMessage): Promise<unknown> {
  const { pathname, searchParams: query } = urlOf(request);
  const [, parent = '', name, versions, version, verb] =
    /^\/v1\/(projects\/[^/]+)\/secrets(?:\/([^/:]+)(?:(\/versions)(?:\/([^/:]+))?)?)?(?::(\w+))?$/.exec(
      decodeURIComponent(pathname),
    ) ?? [];
  const key = `${parent}/secrets/${name}`;
  const parts = ['secrets', name && '*', versions && 'versions', version && '*'].filter(Boolean).join('/');
  switch (`${request.method} ${parts}${verb ? `:${verb}` : ''}`) {
    case 'GET secrets': {
      refuseFilter(query);
      const all = world.list(TYPE).filter((object) => object.key.startsWith(`${parent}/secrets/`));
      return { secrets: all.map(toSecret), totalSize: all.length };
    }
    case 'POST secrets':
      return create(world, parent, query.get('secretId') ?? '', await readJson(request));
    case 'GET secrets/*':
      return toSecret(find(world, key));
    case 'POST secrets/*:addVersion':
      return addVersion(world, find(world, key), await readJson(request));
    case 'GET secrets/*/versions': {
      if (!/^state[:=]ENABLED$/.test(query.get('filter') ?? 'state:ENABLED')) refuseFilter(query);
      const list = values(world, find(world, key)).map((_, index) => toVersion(key, index));
      return { versions: list.reverse(), totalSize: list.length };
    }
    case 'GET secrets/*/versions/*':
      return toVersion(key, versionIndex(world, key, version ?? ''));
    case 'GET secrets/*/versions/*:access': {
      const index = versionIndex(world, key, version ?? '');
      const data = values(world, find(world, key))[index];
      return { name: `${key}/versions/${index + 1}`, payload: { data } };
    }
    default: {
      const call = `${request.method} ${pathname}`;
      throw new CloudError({
        status: 501,
        reason: 'notImplemented',
        message: `the sandbox's Secret Manager does not know ${call}`,
      });
    }
  }
}

async function create(world: World, parent: string, id: string, body: Record<string, unknown>): Promise<unknown> {
  const project = parent.split('/')[1] ?? '';
  const context = { world, provider: { project }, home: '' };
  const planned: Values = { secret_id: id, project, labels: (body['labels'] as Values | undefined) ?? null };
  const { key } = await world.clock.busy(() => secret.create(planned, context));
  return toSecret(find(world, key));
}

function addVersion(world: World, object: CloudObject, body: Record<string, unknown>): unknown {
  const { data } = (body['payload'] ?? {}) as { data?: string };
  const payload = Buffer.from(data ?? '', 'base64');
  refusePayload(payload.length);
  const all = values(world, object);
  all.push(payload.toString('base64'));
  world.data.secretVersions[object.key] = all;
  world.changed();
  return toVersion(object.key, all.length - 1);
}

function find(world: World, key: string): CloudObject {
  const found = world.get(TYPE, key);
  if (found) return found;
  throw new CloudError({ status: 404, reason: 'notFound', message: `Secret [${key}] not found.` });
}

function values(world: World, { key }: CloudObject): string[] {
  return world.data.secretVersions[key] ?? [];
}

function versionIndex(world: World, key: string, version: string): number {
  const count = values(world, find(world, key)).length;
  const index = (version === 'latest' ? count : Number(version)) - 1;
  if (index >= 0 && index < count) return index;
  throw new CloudError({
    status: 404,
    reason: 'notFound',
    message: `Secret Version [${key}/versions/${version}] not found.`,
  });
}

function refuseFilter(query: URLSearchParams): void {
  const filter = query.get('filter');
  if (filter)
    throw new CloudError({
      status: 400,
      reason: 'badRequest',
      message: `Invalid filter: the sandbox does not know ${filter} here`,
    });
}

function toSecret({ key, values: attributes }: CloudObject): unknown {
  const { create_time: createTime, effective_labels: labels } = attributes;
  return { name: key, createTime, labels, replication: { automatic: {} } };
}

function toVersion(key: string, index: number): unknown {
  return { name: `${key}/versions/${index + 1}`, state: 'ENABLED' };
}
