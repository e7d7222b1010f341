import { createHash } from 'node:crypto';
import { type DataBehaviour, ProviderError } from '../protocol/behaviour';
import type { Values } from '../protocol/values';
import type { CloudObject, World } from '../world';

/** A repository that exists before terraform runs. */
export interface ExistingRepository {
  readonly owner: string;
  /** Name without its owner. */
  readonly name: string;
  /** @default false */
  readonly private?: boolean;
}

/** Adds a repository, as its owner has left it. One that exists stays as it is. */
export function addRepository(world: World, { owner, name, private: isPrivate = false }: ExistingRepository): void {
  if (world.get('github_repository', name)) return;
  const values = {
    id: name,
    name,
    full_name: `${owner}/${name}`,
    repo_id: numberOf(`${owner}/${name}`),
    default_branch: 'main',
    visibility: isPrivate ? 'private' : 'public',
    private: isPrivate,
  };
  world.put({ type: 'github_repository', key: name, values });
  world.changed();
}

/** What the simulated provider reads. */
export const GITHUB_DATA: readonly DataBehaviour[] = [
  {
    type: 'github_rest_api',
    arguments: { endpoint: 'in-place' },
    read: async (config) => {
      const endpoint = String(config['endpoint']);
      const [, login] = /^\/?users\/([\w-]+)$/.exec(endpoint) ?? [];
      if (!login) throw new ProviderError(`GET ${endpoint}: the sandbox knows users/NAME only`);
      const body = JSON.stringify({ login, id: numberOf(login) });
      return { ...config, id: `request-${numberOf(endpoint)}`, code: 200, status: '200 OK', headers: '{}', body };
    },
  },
  {
    type: 'github_actions_secrets',
    arguments: { name: 'in-place', full_name: 'in-place' },
    read: async (config, { world }) => {
      const { key } = repositoryIn(world, config);
      return { ...config, id: key, name: key, secrets: secretsIn(world, 'github_actions_secret', `${key}:`) };
    },
  },
  {
    type: 'github_actions_environment_secrets',
    arguments: { name: 'in-place', full_name: 'in-place', environment: 'in-place' },
    read: async (config, { world }) => {
      const { key } = repositoryIn(world, config);
      const place = `${key}:${String(config['environment'])}`;
      if (!world.get('github_repository_environment', place))
        throw new ProviderError(
          `GET /repos/${key}/environments/${String(config['environment'])}/secrets: 404 Not Found`,
        );
      const secrets = secretsIn(world, 'github_actions_environment_secret', `${place}:`);
      return { ...config, id: place, name: key, secrets };
    },
  },
];

function repositoryIn(world: World, { name, full_name }: Values): CloudObject {
  const wanted = String(name ?? '') || (String(full_name ?? '').split('/')[1] ?? '');
  const found = world.list('github_repository').find(({ values }) => values['name'] === wanted);
  if (!found) throw new ProviderError(`GET /repos/${String(full_name ?? wanted)}: 404 Not Found`);
  return found;
}

function secretsIn(world: World, type: string, prefix: string): Values[] {
  return world
    .list(type)
    .filter(({ key }) => key.startsWith(prefix))
    .map(({ values }) => ({
      name: String(values['secret_name']),
      created_at: String(values['created_at'] ?? ''),
      updated_at: String(values['updated_at'] ?? ''),
    }));
}

/** A number that is always the same for the same name. */
function numberOf(name: string): number {
  return createHash('sha256').update(name).digest().readUInt32BE(0);
}
