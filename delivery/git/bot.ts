import type { Signature } from './ref-store';

/** Who writes tags and locks: the author that GitHub shows for its workflows. */
export const BOT: Signature = {
  name: 'github-actions[bot]',
  email: 'github-actions[bot]@users.noreply.github.com',
};
