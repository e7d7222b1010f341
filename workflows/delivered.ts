import { ownImages } from '../delivery/image/own-images';
import { environmentOf, type Platform } from '../platforms/schema/define-platform';
import { repositoryOf } from '../platforms/schema/environment';

/** How an image or an environment is delivered. */
type DeliveryKind = Platform['environments'][string]['delivery']['kind'];

/** Environments of some kinds of delivery that GitHub can reach: those whose state is not on somebody's machine. */
export function environmentsBy(platform: Platform, ...kinds: readonly DeliveryKind[]): string[] {
  return Object.entries(platform.environments).flatMap(([env, { delivery, state }]) =>
    state?.kind !== 'local' && kinds.includes(delivery.kind) ? [env] : [],
  );
}

/** Environments whose cluster hetzner-k3s creates. */
export function hetznerEnvironments(platform: Platform): string[] {
  return Object.entries(platform.environments).flatMap(([env, { cluster, state }]) =>
    state?.kind !== 'local' && cluster.kind === 'hetzner-k3s' ? [env] : [],
  );
}

/** Environments that GitHub can reach: those whose state is not on somebody's machine. */
export function reachable(platform: Platform): string[] {
  return Object.entries(platform.environments).flatMap(([env, { state }]) => (state?.kind === 'local' ? [] : [env]));
}

/** The branch that an environment follows. */
export function branchOf(platform: Platform, env: string): string {
  return repositoryOf(platform, env).branch;
}

/** The branches that some environments follow, each once. */
export function branchesOf(platform: Platform, environments: readonly string[]): string[] {
  return [...new Set(environments.map((env) => branchOf(platform, env)))];
}

/** True if a workflow authenticates to Google: to push images there, or to reach a VM. */
export function usesGoogle(platform: Platform, environments: readonly string[]): boolean {
  return platform.registry.kind === 'artifact-registry' || hasVm(platform, environments);
}

/** True if one of some environments runs on a VM of the platform. */
export function hasVm(platform: Platform, environments: readonly string[]): boolean {
  return environments.some((env) => environmentOf(platform, env).cluster.kind === 'k0s-vm');
}

/** Own images that are built from the platform's repository, and those of services in repositories of their own. */
export function imagesBySource(platform: Platform) {
  const images = ownImages(platform);
  const isOwn = ({ source }: { readonly source: string }) => source === platform.repository.url;
  return { own: images.filter(isOwn), elsewhere: images.filter((image) => !isOwn(image)) };
}

/** Owner and name of a repository on GitHub, such as `acme/app`. */
export function repositoryName(url: string): string {
  return new URL(url).pathname.replace(/^\//, '').replace(/\.git$/, '');
}
