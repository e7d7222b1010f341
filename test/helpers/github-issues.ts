import { GithubRepository } from '../../clients/github';
import { GithubIssues, WRITE_ISSUES } from '../../clients/github-issues';

/** An issue of a bot. */
export const byBot = { user: { type: 'Bot' }, author_association: 'NONE' };

/** A GitHub that keeps issues, as a bot sees it, and the calls that changed it. */
export function github(issues: Record<string, unknown>[]) {
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
