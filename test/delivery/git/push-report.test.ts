import { pushOutcome } from '../../../delivery/git/push-report';

const line = (reason: string) => `To https://github.com/a/b.git\n!\tabc:refs/heads/main\t${reason}\nDone\n`;

test.each([
  ['the lease is stale', '[rejected] (stale info)'],
  ['another push was faster', "[remote rejected] (cannot lock ref 'refs/heads/main': is at a but expected b)"],
  ['another push is under way', '[remote rejected] (failed to update ref)'],
  ['the ref exists', '[remote rejected] (reference already exists)'],
])('a push is stale when %s', (_, reason) => {
  expect(pushOutcome(1, line(reason))).toBe('stale');
});

test('the ref that was right and was not moved does not count', () => {
  expect(pushOutcome(1, `${line('[rejected] (atomic push failed)')}${line('[rejected] (stale info)')}`)).toBe('stale');
});

test.each([
  'protected branch hook declined',
  'push declined due to repository rule violations',
  'pre-receive hook declined',
])('a push is refused when the remote says "%s"', (reason) => {
  expect(pushOutcome(1, line(`[remote rejected] (${reason})`))).toEqual({ refused: `(${reason})` });
});

test('without a word of the remote nobody knows what became of a push', () => {
  expect(pushOutcome(128, '')).toBe('unknown');
  expect(pushOutcome(130, 'To https://github.com/a/b.git\n')).toBe('unknown');
  expect(pushOutcome(1, line('[remote failure] (remote failed to report status)'))).toBe('unknown');
});
