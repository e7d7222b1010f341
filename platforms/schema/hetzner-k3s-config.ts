import { z } from 'zod';
import type { Platform } from './form';
import { namesOf } from './names';
import { check } from './problems';

const cidrs = z.array(z.string().regex(/^[0-9a-f.:]+\/\d+$/, 'give address blocks such as "0.0.0.0/0"')).min(1);

const firewallRule = z.strictObject({
  description: z.string(),
  direction: z.enum(['in', 'out']),
  protocol: z.enum(['tcp', 'udp', 'icmp', 'esp', 'gre']),
  port: z.union([z.int(), z.string()]).optional(),
  source_ips: cidrs.optional(),
  destination_ips: cidrs.optional(),
});

/** Outbound protocols without which nodes pull no images and resolve no names. */
const NEEDED = ['tcp', 'udp'] as const;

const pool = {
  instance_type: z.string().regex(/^(cx|cpx|cax|ccx)\d+$/, 'name a server type of Hetzner Cloud such as "cpx22"'),
};

/**
 * The fields of hetzner-k3s that we use, and `auto_deploy`, which we add. hetzner-k3s ignores unknown fields silently, so this
 * schema is strict. Source: https://hetzner-k3s.com, "Creating a cluster".
 */
const clusterConfig = z.strictObject({
  /** True if a push creates or updates the cluster. */
  auto_deploy: z.boolean(),
  cluster_name: z.string(),
  kubeconfig_path: z.string(),
  k3s_version: z.string().regex(/^v\d+\.\d+\.\d+\+k3s\d+$/, 'give a release such as "v1.34.4+k3s1"'),
  networking: z.strictObject({
    ssh: z.strictObject({
      port: z.int(),
      use_agent: z.boolean(),
      public_key_path: z.string(),
      private_key_path: z.string(),
    }),
    allowed_networks: z.strictObject({
      ssh: cidrs,
      api: cidrs,
      custom_firewall_rules: z.array(firewallRule),
    }),
    public_network: z.strictObject({ ipv4: z.boolean(), ipv6: z.boolean() }),
    private_network: z.strictObject({ enabled: z.boolean(), subnet: z.string() }),
    cni: z.strictObject({ enabled: z.boolean(), encryption: z.boolean(), mode: z.enum(['flannel', 'cilium']) }),
  }),
  schedule_workloads_on_masters: z.boolean(),
  protect_against_deletion: z.literal(true, 'set it to true: the cluster holds data'),
  masters_pool: z.strictObject({
    ...pool,
    instance_count: z
      .int()
      .refine(
        (count) => count % 2 === 1,
        'use an odd number: etcd needs a majority, and an even number does not tolerate more failures',
      ),
    locations: z.array(z.string()).min(1),
  }),
  worker_node_pools: z
    .array(z.strictObject({ ...pool, name: z.string(), instance_count: z.int().min(1), location: z.string() }))
    .min(1),
  addons: z.strictObject({ embedded_registry_mirror: z.strictObject({ enabled: z.literal(true) }) }),
});

/** The configuration of a cluster. */
export type ClusterConfig = z.output<typeof clusterConfig>;

/**
 * Checks `cluster-config.yaml` of an environment.
 *
 * @throws {PlatformError} listing all problems: invalid fields, a name that would create another cluster, an outbound firewall
 *   that cuts nodes off, or automatic deployment of production.
 */
export function checkClusterConfig(platform: Platform, env: string, content: unknown): ClusterConfig {
  const rules = clusterConfig.superRefine((config, context) => {
    const refuse = (path: PropertyKey[], input: unknown, message: string) =>
      context.addIssue({ code: 'custom', path, input, message });
    const cluster = platform.environments[env]?.cluster;
    const [name, machineType] = cluster?.kind === 'hetzner-k3s' ? [cluster.name, cluster.machineType] : [];
    if (config.cluster_name !== name)
      refuse(
        ['cluster_name'],
        config.cluster_name,
        `keep "${name}": another name creates another cluster, without the data`,
      );
    for (const [index, { instance_type: type }] of config.worker_node_pools.entries())
      if (type !== machineType)
        refuse(
          ['worker_node_pools', index, 'instance_type'],
          type,
          `use "${machineType}", the machineType of environment "${env}"`,
        );
    const { kubeconfig } = namesOf(platform.name, env);
    if (config.kubeconfig_path !== kubeconfig)
      refuse(['kubeconfig_path'], config.kubeconfig_path, `use "${kubeconfig}", which every command reads`);
    if (env === 'prod' && config.auto_deploy)
      refuse(['auto_deploy'], true, 'set it to false: production is never deployed automatically');
    if (
      config.masters_pool.instance_count > 1 &&
      config.masters_pool.locations.length < config.masters_pool.instance_count
    )
      refuse(['masters_pool', 'locations'], config.masters_pool.locations, 'give one location for each master');
    const { custom_firewall_rules: firewall } = config.networking.allowed_networks;
    const isOpen = (protocol: string) =>
      firewall.some(
        (rule) =>
          rule.direction === 'out' &&
          rule.protocol === protocol &&
          rule.port === 'any' &&
          rule.destination_ips?.includes('0.0.0.0/0'),
      );
    const shut = NEEDED.filter((protocol) => !isOpen(protocol));
    if (shut.length)
      refuse(
        ['networking', 'allowed_networks', 'custom_firewall_rules'],
        firewall.map(({ direction, protocol }) => `${direction} ${protocol}`),
        `allow all outbound ${shut.join(' and ')} to 0.0.0.0/0: once there is an outbound rule, Hetzner denies all other traffic, and nodes cannot pull images`,
      );
  });
  return check(rules, content, `cluster-config.yaml of environment "${env}"`);
}
