import type { Contract } from './contract';

/** What 90-github exports. */
export const GITHUB = {
  layer: '90-github',
  outputs: {
    repositories: 'repositories whose settings this layer describes, separated by spaces',
    missing_secrets: 'secrets that a person has yet to set, as repository:secret or repository:environment:secret',
  },
} as const satisfies Contract;
