import { LAYERS, type LayerId, layerEntry, stackId } from '../../contracts/layers';
import { UsageError } from '../../errors';
import { isSameCluster, type K0sVm } from './cluster';
import { environmentOf, type Platform } from './define-platform';
import { namesOf } from './names';
import { onGithub } from './repository-on-github';
import type { Restores } from './restore';
import type { State } from './state';

/**
 * The layers of an environment in apply order: those of the cloud where the cluster is a VM that the platform creates, those of
 * the cluster where Argo CD delivers. None where CI applies to an existing cluster.
 */
export function layersOf(platform: Platform, env: string): LayerId[] {
  const { cluster, delivery } = environmentOf(platform, env);
  const has = { foundation: false, cloud: cluster.kind === 'k0s-vm', cluster: delivery.kind !== 'push-apply' };
  return LAYERS.filter(({ scope }) => has[scope]).map(({ id }) => id);
}

/**
 * The layers that `npm run bootstrap` applies for an environment, in apply order. None where GitHub does not deliver: with a state
 * on this machine, or a repository elsewhere.
 */
export function foundationOf(platform: Platform, env: string): LayerId[] {
  if (!isReachedByGithub(platform, env)) return [];
  // Where CI applies manifests, no identity in Google Cloud is needed.
  const hasIdentities = env === foundationOwnerOf(platform) || layersOf(platform, env).length > 0;
  return hasIdentities ? ['0-bootstrap', '90-github'] : ['90-github'];
}

/**
 * The environment whose foundation holds what environments share: state bucket, workload identity pool, and what belongs to the
 * repository. The one that creates the registry; without a registry in Google Cloud, the first with its state in the bucket.
 */
export function foundationOwnerOf(platform: Platform): string | undefined {
  const { registry, environments } = platform;
  if (registry.kind === 'artifact-registry') return registry.owner;
  return Object.keys(environments).find((env) => isReachedByGithub(platform, env));
}

/** The branches that environments with a foundation follow, each once. */
export function deployedBranches(platform: Platform): string[] {
  const followed = Object.keys(platform.environments).filter((env) => isReachedByGithub(platform, env));
  return [...new Set(followed.map((env) => repositoryOf(platform, env).branch))];
}

function isReachedByGithub(platform: Platform, env: string): boolean {
  return stateOf(platform, env).kind === 'gcs' && onGithub(platform.repository.url) !== undefined;
}

/** All layers of an environment in apply order: those of `npm run bootstrap` too. */
export function allLayersOf(platform: Platform, env: string): LayerId[] {
  const all = [...foundationOf(platform, env), ...layersOf(platform, env)];
  return LAYERS.map(({ id }) => id).filter((id) => all.includes(id));
}

/**
 * The environment whose stack holds a layer of this environment. Environments on one existing cluster share its Argo CD, whose
 * stack belongs to the first of them; every other layer has a separate stack for each environment.
 */
export function makerOf(platform: Platform, env: string, layer: LayerId): string {
  const { cluster } = environmentOf(platform, env);
  if (!layerEntry(layer).shared || cluster.kind !== 'kubeconfig') return env;
  const neighbours = Object.entries(platform.environments).filter(([, other]) => isSameCluster(other.cluster, cluster));
  return neighbours[0]?.[0] ?? env;
}

/** The stack of a layer of an environment, such as `k8s-prod`. */
export function stackOf(platform: Platform, env: string, layer: LayerId): string {
  return stackId(layer, makerOf(platform, env, layer));
}

/** The VM that an environment's cluster runs on. @throws {UsageError} if its cluster is of another kind. */
export function vmOf(platform: Platform, env: string): K0sVm {
  const { cluster } = environmentOf(platform, env);
  if (cluster.kind === 'k0s-vm') return cluster;
  const { path, context } = kubeconfigOf(platform, env);
  throw new UsageError(
    `environment "${env}" of platform "${platform.name}" runs on a cluster of kind "${cluster.kind}", which Strata does not create: ` +
      'kubeconfig, tunnel, snapshot and restore need kind "k0s-vm"; ' +
      `use kubectl --kubeconfig ${path}${context ? ` --context ${context}` : ''}`,
  );
}

/** The Google project of the platform's environments. */
export function projectOf({ google }: Platform): string {
  return google.project;
}

/** The zone of an environment's VM: that of the platform, unless the VM was restored into another one. */
export function zoneOf(platform: Platform & { readonly restores?: Restores }, env: string): string {
  return platform.restores?.[env]?.zone ?? platform.google.zone;
}

/** The namespace of the application in an environment. */
export function namespaceOf(platform: Platform, env: string): string {
  return environmentOf(platform, env).namespace ?? platform.namespace;
}

/** Name of the AppProject and of the root Application of an environment. */
export function applicationOf(platform: Platform, env: string): string {
  return environmentOf(platform, env).application ?? platform.name;
}

/** The Git repository, branch and path that an environment is delivered from. */
export function repositoryOf({ repository, ...platform }: Platform, env: string): Platform['repository'] {
  const { branch = repository.branch, path = repository.path } = environmentOf({ repository, ...platform }, env);
  return { ...repository, branch, path: path.replaceAll('<env>', env) };
}

/** Where Terraform keeps the state of an environment's layers. */
export function stateOf(platform: Platform, env: string): State {
  const { state } = environmentOf(platform, env);
  return state?.kind === 'local' ? state : { ...platform.state, ...state };
}

/** The kubeconfig of an environment, in the home folder, and its context unless the file has only one. */
export function kubeconfigOf(platform: Platform, env: string): { readonly path: string; readonly context?: string } {
  const { cluster } = environmentOf(platform, env);
  return cluster.kind === 'kubeconfig'
    ? { path: cluster.path, context: cluster.context }
    : { path: namesOf(platform.name, env).kubeconfig };
}
