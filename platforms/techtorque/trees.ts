import type { Trees } from '../schema/trees';

/** techtorque: one overlay for each environment. */
export default {
  deployments: (_platform, env) => [{ provider: 'existing', overlays: [`overlays/${env}`] }],
} satisfies Trees;
