import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { storageClassOf } from '../../platforms/schema/cluster';
import { environmentOf } from '../../platforms/schema/define-platform';
import { platformFrom, sourceOf } from '../scaffold/platform-source';
import type { Environment } from './problem';
import { ROOT } from './sources';

/** Every environment of every platform of a tree: what is applied there together, and what the cluster has without us. */
export function environmentsIn(root: string): Environment[] {
  const foldersIn = (path: string): string[] => {
    const entries = readdirSync(join(root, 'k8s', path), { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  };
  /** Those of some folders of a platform that are there. */
  const present = (platform: string, paths: readonly string[]): string[] =>
    paths.filter((path) => existsSync(join(root, 'k8s', platform, path)));

  /** The cluster of an environment as its platform describes it: its storage class, and whether it is a laptop's. */
  const clusterOf = (name: string, env: string) => {
    const { cluster, state } = environmentOf(platformFrom(name, readFileSync(join(root, sourceOf(name)), 'utf8')), env);
    return { kind: cluster.kind, storageClasses: [storageClassOf(cluster)], isLocal: state?.kind === 'local' };
  };

  const threads = foldersIn('threads/overlays').map((env) => ({
    platform: 'threads',
    env,
    provider: clusterOf('threads', env).kind === 'k0s-vm' ? 'gcp' : 'kind',
    storageClasses: clusterOf('threads', env).storageClasses,
    // What is applied apart from the application lies in a folder of its own below.
    overlays: [`overlays/${env}`, ...foldersIn(`threads/overlays/${env}`).map((name) => `overlays/${env}/${name}`)],
  }));
  const applications = foldersIn('todo-platform/applications');
  const todo = foldersIn('todo-platform/infrastructure/namespaces/overlays').map((env) => ({
    platform: 'todo-platform',
    env,
    provider: clusterOf('todo-platform', env).isLocal ? 'podman' : 'existing',
    storageClasses: clusterOf('todo-platform', env).storageClasses,
    overlays: present('todo-platform', [
      `argocd-apps/${env}`,
      `infrastructure/namespaces/overlays/${env}`,
      // The runners are one environment's.
      ...(env === 'prod' ? ['infrastructure/arc-runners'] : []),
      `infrastructure/todo-db/overlays/${env}`,
      ...applications.map((name) => `applications/${name}/overlays/${env}`),
    ]),
  }));
  // hetzner-k3s turns the class `local-path` of k3s off and brings `hcloud-volumes`.
  const realEstate = foldersIn('real-estate/hetzner').flatMap((env) => {
    const common = { platform: 'real-estate', env, provider: 'hetzner', storageClasses: ['hcloud-volumes'] };
    const infrastructure = present('real-estate', [`hetzner/${env}/infrastructure`]);
    return [
      { ...common, overlays: [`hetzner/${env}`, ...infrastructure] },
      { ...common, overlays: [`argocd/${env}`, ...infrastructure] },
    ];
  });
  const laptops = foldersIn('real-estate/podman').map((env) => ({
    platform: 'real-estate',
    env,
    provider: 'podman',
    storageClasses: ['local-path'],
    overlays: [`podman/${env}`],
  }));
  const techtorque = foldersIn('techtorque/overlays').map((env) => ({
    platform: 'techtorque',
    env,
    provider: 'existing',
    storageClasses: ['local-path'],
    overlays: [`overlays/${env}`],
  }));
  return [...threads, ...todo, ...realEstate, ...laptops, ...techtorque].map((one) => ({ ...one, root }));
}

/** Those of this repository. */
export const ENVIRONMENTS: readonly Environment[] = environmentsIn(ROOT);
