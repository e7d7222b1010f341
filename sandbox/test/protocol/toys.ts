import { type Context, type ProviderBehaviour, ProviderError } from '../../protocol/behaviour';
import type { Values } from '../../protocol/values';

/** A google provider of four types, small enough to see through: each keeps what it is given under its name. */
export function toyGoogle(): ProviderBehaviour {
  return {
    name: 'google',
    source: 'hashicorp/google',
    resources: [
      {
        ...inMemory('google_compute_network'),
        arguments: {
          name: {
            change: 'replace',
            check: (name) => (String(name).includes('_') ? `"${name}" must not hold an underscore` : undefined),
          },
          description: 'replace',
          routing_mode: 'in-place',
        },
        sensitive: ['mtu'],
      },
      {
        ...inMemory('google_compute_firewall'),
        arguments: {
          name: 'replace',
          network: 'replace',
          allow: 'in-place',
          'allow.protocol': 'replace',
          source_ranges: 'in-place',
        },
        recomputed: ['creation_timestamp'],
      },
      {
        ...inMemory('google_compute_disk'),
        arguments: { name: 'replace', labels: 'in-place', zone: 'replace', guest_os_features: 'in-place' },
      },
      {
        ...inMemory('google_compute_instance'),
        arguments: {
          name: 'replace',
          machine_type: 'stop',
          boot_disk: 'replace',
          'boot_disk.auto_delete': 'in-place',
          network_interface: 'replace',
          'network_interface.access_config': 'in-place',
          metadata: 'in-place',
          'metadata.startup-script': 'replace',
          allow_stopping_for_update: 'in-place',
          desired_status: 'in-place',
        },
      },
    ],
    data: [
      {
        type: 'google_compute_network',
        arguments: { name: 'in-place' },
        async read(config, { world }) {
          const found = world.get('google_compute_network', String(config['name']));
          if (!found) throw new ProviderError(`Error 404: network ${config['name']} not found`);
          return found.values as Values;
        },
      },
    ],
    configure(config) {
      if (config['region'] === 'nowhere') throw new ProviderError('unknown region "nowhere"');
    },
  };
}

/** A kubernetes provider of free-form manifests. */
export function toyKubernetes(): ProviderBehaviour {
  const stored = (planned: Values) => planned['manifest'] as Values & { metadata: Values };
  return {
    name: 'kubernetes',
    source: 'hashicorp/kubernetes',
    resources: [
      {
        type: 'kubernetes_manifest',
        arguments: { manifest: 'in-place', 'manifest.metadata.name': 'replace' },
        recomputed: ['object'],
        async create(planned, { world }) {
          const key = String(stored(planned).metadata['name']);
          world.put({ type: 'kubernetes_manifest', key, values: stored(planned) });
          return { key, values: { ...planned, object: { ...stored(planned), status: { uid: key } } } };
        },
        read: async (key, prior, { world }) => (world.get('kubernetes_manifest', key) ? prior : null),
        update: async (_key, _prior, planned) => ({ object: { ...stored(planned), status: { changed: true } } }),
        delete: async (key, _prior, { world }) => world.remove('kubernetes_manifest', key),
      },
    ],
    data: [],
  };
}

/** A helm provider that installs nothing. */
export function toyHelm(): ProviderBehaviour {
  const installed = (planned: Values): Values => ({
    id: planned['name'] ?? null,
    set: (planned['set'] as Values[]).map((each) => ({ ...each, type: 'auto' })),
    metadata: { name: planned['name'] ?? null, revision: 1 },
  });
  return {
    name: 'helm',
    source: 'hashicorp/helm',
    resources: [
      {
        type: 'helm_release',
        arguments: { name: 'replace', chart: 'in-place', set: 'in-place' },
        recomputed: ['metadata'],
        create: async (planned) => ({ key: String(planned['name']), values: installed(planned) }),
        read: async (_key, prior) => prior,
        update: async (_key, _prior, planned) => installed(planned),
        delete: async () => {},
      },
    ],
    data: [],
  };
}

function inMemory(type: string) {
  const put = async (key: string, values: Values, { world, provider }: Context) => {
    await world.clock.sleep(10);
    if (key === 'broken') return { ...values, mtu: 'wide' };
    const stamp = values['creation_timestamp'] ? { creation_timestamp: world.clock.iso() } : {};
    const project = provider['project'] ?? 'none';
    world.put({ type, key, values: { ...values, id: key, self_link: `https://google/${key}`, project, ...stamp } });
    return world.get(type, key)?.values as Values;
  };
  return {
    type,
    async create(planned: Values, context: Context) {
      const key = String(planned['name']);
      if (context.world.get(type, key))
        throw new ProviderError(`Error 409: ${key} already exists`, 'choose another name');
      return { key, values: await put(key, planned, context) };
    },
    read: async (key: string, _prior: Values, { world }: Context) =>
      (world.get(type, key)?.values as Values | undefined) ?? null,
    update: (key: string, _prior: Values, planned: Values, context: Context) => put(key, planned, context),
    delete: async (key: string, _prior: Values, { world }: Context) => world.remove(type, key),
    async import(id: string, { world }: Context) {
      const found = world.get(type, id);
      return found ? { key: id, values: found.values as Values } : null;
    },
  };
}
