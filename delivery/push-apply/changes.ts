import type { Platform } from '../../platforms/schema/define-platform';
import { repositoryOf } from '../../platforms/schema/environment';

/** An environment that a change concerns, and the first file that says so. */
export interface Affected {
  readonly env: string;
  readonly file: string;
}

/**
 * The environments that CI applies to and that changed files concern: an environment's own folder concerns it alone; what
 * environments share, and `deploy-control.yaml`, concern them all.
 *
 * @param files - paths in the repository.
 * @param branch - branch that was pushed: then only environments that follow it, but `deploy-control.yaml` on the platform's own branch
 *   concerns them all, since the gate reads it there. @default - whatever environments follow
 */
export function affectedEnvironments(platform: Platform, files: readonly string[], branch?: string): Affected[] {
  const tree = `k8s/${platform.name}/`;
  const control = `platforms/${platform.name}/deploy-control.yaml`;
  const all = Object.entries(platform.environments);
  const concerns = (file: string, env: string) => {
    const isFollowed = branch === undefined || branch === repositoryOf(platform, env).branch;
    if (file === control) return isFollowed || branch === platform.repository.branch;
    if (!isFollowed) return false;
    if (!file.startsWith(tree)) return false;
    // k8s/<platform>/<provider>/<env>/...
    const [, owner = '', part] = file.slice(tree.length).split('/');
    // The machines of a cluster are not what is applied to it.
    return Object.hasOwn(platform.environments, owner) ? owner === env && part !== 'cluster' : true;
  };
  return all.flatMap(([env, { delivery }]) => {
    const file = delivery.kind === 'push-apply' ? files.find((one) => concerns(one, env)) : undefined;
    return file ? [{ env, file }] : [];
  });
}
