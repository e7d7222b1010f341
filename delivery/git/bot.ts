import type { Signature } from './ref-store';

/** The author of commits with tags and locks: the one that GitHub uses for its workflows. */
export const BOT: Signature = {
  name: 'github-actions[bot]',
  email: 'github-actions[bot]@users.noreply.github.com',
};
