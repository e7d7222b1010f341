import type { Platform } from '../../platforms/schema/define-platform';

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
 */
export function affectedEnvironments(platform: Platform, files: readonly string[]): Affected[] {
  const tree = `k8s/${platform.name}/`;
  const control = `platforms/${platform.name}/deploy-control.yaml`;
  const all = Object.entries(platform.environments);
  const concerns = (file: string, env: string) => {
    if (file === control) return true;
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
