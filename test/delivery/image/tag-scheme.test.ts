import fc from 'fast-check';
import { branchInTag, commitOf, tagOf } from '../../../delivery/image/tag-scheme';

const sha = '8caff6f725f1b11601c72a17ef5913fb58abecc3';

test.each([
  ['short-sha', 'main', '8caff6f'],
  ['sha40', 'main', sha],
  ['branch-sha', 'main', 'main-8caff6f'],
  ['branch-sha', 'feature/log in', 'feature-log-in-8caff6f'],
  ['branch-sha', '-.dev', 'dev-8caff6f'],
  ['branch-sha', '登录', 'branch-8caff6f'],
] as const)('scheme %s makes of a commit on %s tag %s', (scheme, branch, tag) => {
  expect(tagOf(scheme, { sha, branch })).toBe(tag);
  expect(sha.startsWith(commitOf(tag) ?? 'none')).toBe(true);
});

test('a tag of somebody else names no commit', () => {
  for (const tag of ['18.1-trixie', 'latest', 'v1.2.3', '18-3.6']) expect(commitOf(tag)).toBeUndefined();
  expect(() => tagOf('upstream', { sha, branch: 'main' })).toThrow('tagged by its publisher');
});

test('whatever a branch is called, its tag is one that registries take, and names its commit', () => {
  const hex = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 40, maxLength: 40 });
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }), hex, (branch, commit) => {
      const tag = tagOf('branch-sha', { sha: commit, branch });
      expect(tag).toMatch(/^[\w][\w.-]{0,127}$/);
      expect(commitOf(tag)).toBe(commit.slice(0, 7));
      expect(branchInTag(branchInTag(branch))).toBe(branchInTag(branch));
    }),
  );
});
