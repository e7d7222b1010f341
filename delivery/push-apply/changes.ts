import type { Platform } from '../../platforms/schema/define-platform';
import { repositoryOf } from '../../platforms/schema/environment';

/** An environment that a change affects, and the first file that affects it. */
export interface Affected {
  readonly env: string;
  readonly file: string;
}

/**
 * The environments that CI applies and that changed files affect. The folder of an environment affects only that environment;
 * shared files and `deploy-control.yaml` affect all of them.
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
    // The configuration of the cluster itself is not applied to it.
    return Object.hasOwn(platform.environments, owner) ? owner === env && part !== 'cluster' : true;
  };
  return all.flatMap(([env, { delivery }]) => {
    const file = delivery.kind === 'push-apply' ? files.find((one) => concerns(one, env)) : undefined;
    return file ? [{ env, file }] : [];
  });
}
