import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from './problem';

const TREES = join(__dirname, '../../../k8s');

const todo = ['todo-api', 'todo-mcp', 'todo-bot', 'homer'].map((name) => `applications/${name}/overlays/`);

function foldersIn(path: string): string[] {
  const entries = readdirSync(join(TREES, path), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** Every environment of every platform: what is applied there together, and what the cluster has without us. */
export const ENVIRONMENTS: readonly Environment[] = [
  ...foldersIn('threads/overlays').map((env) => ({
    platform: 'threads',
    env,
    ...(env === 'local'
      ? { provider: 'kind', storageClasses: ['standard'] }
      : { provider: 'gcp', storageClasses: ['local-path'] }),
    // What is applied apart from the application lies in a folder of its own below.
    overlays: [`overlays/${env}`, ...foldersIn(`threads/overlays/${env}`).map((name) => `overlays/${env}/${name}`)],
  })),
  {
    platform: 'todo-platform',
    env: 'prod',
    provider: 'existing',
    storageClasses: ['local-path'],
    overlays: [
      'argocd-apps/prod',
      'infrastructure/namespaces/overlays/prod',
      'infrastructure/arc-runners',
      'infrastructure/todo-db/overlays/prod',
      ...todo.map((path) => `${path}prod`),
    ],
  },
  {
    platform: 'todo-platform',
    env: 'local',
    provider: 'podman',
    storageClasses: ['local-path'],
    overlays: [
      'argocd-apps/local',
      'infrastructure/namespaces/overlays/local',
      'infrastructure/todo-db/overlays/local',
      ...todo.map((path) => `${path}local`),
    ],
  },
  // hetzner-k3s turns the class `local-path` of k3s off and brings `hcloud-volumes`.
  ...['dev', 'test', 'prod'].flatMap((env) => {
    const common = { platform: 'real-estate', env, provider: 'hetzner', storageClasses: ['hcloud-volumes'] };
    const infrastructure = env === 'dev' ? [] : [`hetzner/${env}/infrastructure`];
    return [
      { ...common, overlays: [`hetzner/${env}`, ...infrastructure] },
      { ...common, overlays: [`argocd/${env}`, ...infrastructure] },
    ];
  }),
  {
    platform: 'real-estate',
    env: 'local',
    provider: 'podman',
    storageClasses: ['local-path'],
    overlays: ['podman/local'],
  },
  ...['dev', 'prod'].map((env) => ({
    platform: 'techtorque',
    env,
    provider: 'existing',
    storageClasses: ['local-path'],
    overlays: [`overlays/${env}`],
  })),
];
