import { GithubRepository } from '../../clients/github';
import { GithubComments, WRITE_PULL_REQUESTS } from '../../clients/github-comments';

const SHA = '0123456789abcdef0123456789abcdef01234567';
const MARKER = '<!-- strata plan threads prod -->';

/** A GitHub with these pull requests and comments, and the calls that changed it. */
function github(pulls: readonly object[], comments: readonly object[] = []) {
  const written: (readonly [string, unknown])[] = [];
  const request = async (route: string, parameters: Readonly<Record<string, unknown>>) => {
    const [verb, path = ''] = route.split(' ');
    if (verb !== 'GET') written.push([route, parameters['comment_id'] ?? parameters['issue_number']]);
    const all = path.endsWith('/pulls') ? pulls : comments;
    const page = Number(parameters['page']);
    return { data: all.slice((page - 1) * 100, page * 100) };
  };
  const repository = new GithubRepository({ owner: 'acme', repo: 'platform' }, request, WRITE_PULL_REQUESTS);
  return { client: new GithubComments(repository), written };
}

test('a pull request is found by its newest commit, on whatever page it is', async () => {
  const others = Array.from({ length: 150 }, (_, number) => ({ number, head: { sha: 'f'.repeat(40) } }));
  const { client } = github([...others, { number: 151, head: { sha: SHA } }]);
  expect(await client.pullRequestOf(SHA)).toBe(151);
  expect(await client.pullRequestOf('a'.repeat(40))).toBeUndefined();
});

test('a comment is updated in place, and only one that a bot has written', async () => {
  const body = `${MARKER}\n### Plan`;
  const byAttacker = { id: 1, body, user: { type: 'User' } };
  const ofStaging = { id: 2, body: '<!-- strata plan threads staging -->\nx', user: { type: 'Bot' } };
  const first = github([], [byAttacker, ofStaging]);
  expect(await first.client.write(7, body)).toBe('created');
  expect(first.written).toEqual([['POST /repos/{owner}/{repo}/issues/{issue_number}/comments', 7]]);
  const second = github([], [byAttacker, ofStaging, { id: 3, body, user: { type: 'Bot' } }]);
  expect(await second.client.write(7, body)).toBe('updated');
  expect(second.written).toEqual([['PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', 3]]);
});
