import type { ProviderBehaviour } from '../protocol/behaviour';

/** The simulated null provider: resources that only exist in the state, so the world knows nothing of them. */
export function nullProvider(): ProviderBehaviour {
  return {
    name: 'null',
    source: 'hashicorp/null',
    resources: [
      {
        type: 'null_resource',
        arguments: { triggers: 'replace' },
        async create(planned, { world }) {
          const id = world.nextId();
          return { key: id, values: { ...planned, id } };
        },
        read: async (_key, prior) => prior,
        update: async (_key, _prior, planned) => planned,
        delete: async () => {},
        import: async (id) => ({ key: id, values: { id } }),
      },
    ],
    data: [
      {
        type: 'null_data_source',
        arguments: { inputs: 'in-place', has_computed_default: 'in-place' },
        async read(config) {
          const { inputs, has_computed_default: given } = config;
          return { id: 'static', outputs: inputs ?? null, has_computed_default: given ?? 'default', random: '4' };
        },
      },
    ],
  };
}
