import { parse } from 'yaml';
import { checkClusterConfig } from '../schema/hetzner-k3s-config';
import { PlatformError } from '../schema/problems';
import type { Trees } from '../schema/trees';

/** real-estate: what CI applies and what Argo CD applies are checked separately, each with the same infrastructure. */
export default {
  deployments: ({ environments }, env, tree) => {
    if (environments[env]?.cluster.kind !== 'hetzner-k3s') return [{ provider: 'podman', overlays: [`podman/${env}`] }];
    const infrastructure = tree.folders(`hetzner/${env}`).includes('infrastructure')
      ? [`hetzner/${env}/infrastructure`]
      : [];
    return ['hetzner', 'argocd'].map((group) => ({
      provider: 'hetzner',
      overlays: [`${group}/${env}`, ...infrastructure],
    }));
  },
  problems: (platform, env, tree) => {
    if (platform.environments[env]?.cluster.kind !== 'hetzner-k3s') return [];
    const path = `hetzner/${env}/cluster/cluster-config.yaml`;
    const file = `k8s/${platform.name}/${path}`;
    try {
      checkClusterConfig(platform, env, parse(tree.read(path)));
      return [];
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      return error.problems.map((problem) => {
        const [wrong = '', ...fix] = problem.split('; ');
        return { file, wrong, fix: fix.join('; ') };
      });
    }
  },
} satisfies Trees;
