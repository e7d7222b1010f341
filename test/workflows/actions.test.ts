import { readFileSync } from 'node:fs';
import { ACTIONS } from '../../workflows/actions';

test.each(Object.entries(ACTIONS))('%s is pinned to a whole commit and an exact version', (_, { digest, version }) => {
  expect(digest).toMatch(/^[0-9a-f]{40}$/);
  expect(version).toMatch(/^v\d+\.\d+\.\d+$/);
});

test('the documentation lists every action as it is pinned', () => {
  const rows = readFileSync('docs/workflows.md', 'utf8').match(/^\| `[\w-]+\/[\w-]+` \|.*$/gm);
  const pinned = Object.entries(ACTIONS).map(
    ([name, { version, digest }]) => `| \`${name}\` | ${version} | \`${digest}\` |`,
  );
  expect(rows).toEqual(pinned);
});
