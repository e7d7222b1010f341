import { isSameCluster } from '../cluster';
import { pairs, type Rule } from './rule';

/** Rules for delivery, its checks, and Terraform states. */
export const DELIVERY_RULES: readonly Rule[] = [
  {
    reads: ['environments.*.delivery'],
    check: ({ environments }, refuse) => {
      for (const [env, { delivery }] of Object.entries(environments)) {
        for (const asked of ['lock', 'gate'] as const) {
          if (delivery.kind === 'image-updater' && delivery[asked])
            refuse(
              ['environments', env, 'delivery', asked],
              `Image Updater asks no ${asked}; turn it off, or deliver by "ci-commit"`,
            );
        }
      }
    },
  },
  {
    reads: ['environments'],
    check: ({ environments }, refuse) => {
      if (Object.keys(environments).length === 0) refuse(['environments'], 'describe at least one environment');
    },
  },
  {
    reads: ['environments.*.state', 'environments.*.cluster.kind'],
    check: ({ environments }, refuse) => {
      for (const [env, { cluster, state }] of Object.entries(environments)) {
        if (state?.kind === 'local' && cluster.kind !== 'kubeconfig')
          refuse(
            ['environments', env, 'state', 'kind'],
            'the state of what lies in a cloud must not lie on one machine; leave this out',
          );
      }
    },
  },
  {
    reads: ['state', 'environments.*.state', 'environments.*.cluster.kind', 'environments.*.delivery.kind'],
    check: ({ state, environments }, refuse) => {
      const kept = Object.entries(environments).flatMap(([env, { cluster, delivery, state: own }]) => {
        const hasLayers = cluster.kind === 'k0s-vm' || delivery.kind !== 'push-apply';
        if (own?.kind === 'local' || !hasLayers) return [];
        const prefix = own?.prefix ?? state.prefix;
        return [{ env, path: prefix.replaceAll('<env>', env), at: own ? ['environments', env, 'state'] : ['state'] }];
      });
      for (const [a, b] of pairs(kept)) {
        if (a.path === b.path)
          refuse(
            [...b.at, 'prefix'],
            `environments "${a.env}" and "${b.env}" would share their states; put "<env>" into the prefix, or give one of them another one`,
          );
      }
    },
  },
  {
    reads: ['environments.*.cluster', 'environments.*.application', 'environments.*.namespace'],
    check: ({ name, namespace, environments }, refuse) => {
      for (const [[a, one], [b, other]] of pairs(Object.entries(environments))) {
        if (!isSameCluster(one.cluster, other.cluster)) continue;
        if ((one.application ?? name) === (other.application ?? name))
          refuse(
            ['environments', b, 'application'],
            `environment "${a}" is on this cluster too and has that name in Argo CD; give each its own`,
          );
        if ((one.namespace ?? namespace) === (other.namespace ?? namespace))
          refuse(
            ['environments', b, 'namespace'],
            `environment "${a}" is on this cluster too and has that namespace; give each its own`,
          );
      }
    },
  },
  {
    reads: ['secrets'],
    check: ({ secrets }, refuse) => {
      const seen = new Set<string>();
      for (const [index, name] of secrets.entries()) {
        if (seen.has(name)) refuse(['secrets', String(index)], 'it is in the list already; take it out');
        seen.add(name);
      }
    },
  },
];
