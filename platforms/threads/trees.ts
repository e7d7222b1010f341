import type { Trees } from '../schema/trees';

/** threads: one overlay for the application. What is applied separately is in a folder below it. */
export default {
  deployments: ({ environments }, env, tree) => [
    {
      provider: environments[env]?.cluster.kind === 'k0s-vm' ? 'gcp' : 'kind',
      overlays: [`overlays/${env}`, ...tree.folders(`overlays/${env}`).map((name) => `overlays/${env}/${name}`)],
    },
  ],
} satisfies Trees;
