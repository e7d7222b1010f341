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
              `Image Updater does not use the ${asked}; set it to false, or use delivery "ci-commit"`,
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
            'the state of cloud resources must be in the bucket; remove this field',
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
            `environments "${a.env}" and "${b.env}" would share their states; add "<env>" to the prefix, or use another prefix for one of them`,
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
            `environment "${a}" on the same cluster has the same name in Argo CD; use different names`,
          );
        if ((one.namespace ?? namespace) === (other.namespace ?? namespace))
          refuse(
            ['environments', b, 'namespace'],
            `environment "${a}" on the same cluster has the same namespace; use different namespaces`,
          );
      }
    },
  },
  {
    reads: ['secrets'],
    check: ({ secrets }, refuse) => {
      const seen = new Set<string>();
      for (const [index, name] of secrets.entries()) {
        if (seen.has(name)) refuse(['secrets', String(index)], 'listed twice; remove one');
        seen.add(name);
      }
    },
  },
];
