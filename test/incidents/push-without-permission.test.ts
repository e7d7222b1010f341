import { explained } from '../../delivery/git/access';
import { pushOutcome } from '../../delivery/git/push-report';

test('CI without permission to push: the refusal of a rule is no reason to try again, and it says which identity may', () => {
  const line = '!\tabc:refs/heads/main\t[remote rejected] (protected branch hook declined)\n';
  expect(pushOutcome(1, line)).toEqual({ refused: '(protected branch hook declined)' });
  const said = explained('remote: Permission to a/b.git denied to github-actions[bot].\nfatal: 403', {
    env: {},
    close: () => undefined,
  });
  expect(said).toMatch(/set REPO_ACCESS_TOKEN .* or CONFIG_DEPLOY_KEY/);
});
