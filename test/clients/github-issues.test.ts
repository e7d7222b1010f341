import { GithubRepository } from '../../clients/github';
import { GithubIssues, WRITE_ISSUES } from '../../clients/github-issues';

const MARKER = '<!-- strata drift threads prod -->';
const TEXT = `${MARKER}\nWhat runs differs.`;
const TITLE = 'Drift: threads prod';

/** A GitHub that keeps issues, as a bot sees it, and the calls that changed it. */
function github(issues: Record<string, unknown>[]) {
  const written: string[] = [];
  const request = async (route: string, given: Readonly<Record<string, unknown>>) => {
    const { owner: _, repo: __, issue_number: number, page, ...fields } = given;
    if (route.startsWith('GET')) return { data: issues.slice((Number(page) - 1) * 100, Number(page) * 100) };
    written.push(route.replace('/repos/{owner}/{repo}/', ''));
    if (route.startsWith('PATCH')) Object.assign(issues.find((one) => one['number'] === number) ?? {}, fields);
    if (!route.endsWith('/issues')) return { data: {} };
    issues.unshift({ ...byBot, ...fields, number: issues.length + 1, state: 'open' });
    return { data: issues[0] };
  };
  const repository = new GithubRepository({ owner: 'acme', repo: 'platform' }, request, WRITE_ISSUES);
  return { issues: new GithubIssues(repository), written };
}

const byBot = { user: { type: 'Bot' }, author_association: 'NONE' };
const stranger = { user: { type: 'User' }, author_association: 'CONTRIBUTOR' };

test('an issue is opened once, updated, closed with the reason, and opened again', async () => {
  const { issues, written } = github([]);
  expect(await issues.write(TITLE, TEXT)).toEqual({ change: 'opened', number: 1 });
  expect(await issues.write(TITLE, TEXT)).toEqual({ change: 'unchanged', number: 1 });
  expect(await issues.write(TITLE, `${TEXT}\nMore.`)).toEqual({ change: 'updated', number: 1 });
  expect(await issues.close(MARKER, 'clean')).toEqual({ change: 'closed', number: 1 });
  expect(await issues.close(MARKER, 'clean')).toEqual({ change: 'none' });
  expect(await issues.write(TITLE, TEXT)).toEqual({ change: 'reopened', number: 1 });
  expect(written).toEqual([
    'POST issues',
    'PATCH issues/{issue_number}',
    'POST issues/{issue_number}/comments',
    'PATCH issues/{issue_number}',
    'PATCH issues/{issue_number}',
  ]);
});

test('a dry run writes nothing and says the same', async () => {
  const { issues, written } = github([{ ...byBot, number: 4, state: 'open', title: TITLE, body: TEXT }]);
  const dryRun = { dryRun: true };
  expect(await issues.write(TITLE, `${TEXT}\nMore.`, dryRun)).toEqual({ change: 'updated', number: 4 });
  expect(await issues.close(MARKER, 'clean', dryRun)).toEqual({ change: 'closed', number: 4 });
  expect(await github([]).issues.write(TITLE, TEXT, dryRun)).toEqual({ change: 'opened' });
  expect(written).toEqual([]);
});

test.each([
  ['a stranger', { ...stranger, number: 9, state: 'open', title: TITLE, body: TEXT }],
  ['another environment', { ...byBot, number: 9, state: 'open', title: TITLE, body: TEXT.replace('prod', 'staging') }],
  ['a pull request', { ...byBot, number: 9, state: 'open', title: TITLE, body: TEXT, pull_request: {} }],
])('the issue of %s is not ours', async (_, other) => {
  expect(await github([other]).issues.write(TITLE, TEXT)).toEqual({ change: 'opened', number: 2 });
});

test('the issue is found on whatever page it is, and in the line ends of a form', async () => {
  const others = Array.from({ length: 120 }, (_, number) => ({ ...stranger, number, state: 'closed', title: 'x' }));
  const own = { ...byBot, number: 500, state: 'open', title: TITLE, body: TEXT.replaceAll('\n', '\r\n') };
  expect(await github([...others, own]).issues.write(TITLE, TEXT)).toEqual({ change: 'unchanged', number: 500 });
});
