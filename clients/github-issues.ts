import type { GithubRepository } from './github';

interface Issue {
  readonly number: number;
  readonly state: 'open' | 'closed';
  readonly title: string;
  readonly body?: string | null;
  readonly user: { readonly type: string } | null;
  /** See https://docs.github.com/en/graphql/reference/enums#commentauthorassociation */
  readonly author_association: string;
  /** GitHub lists pull requests as issues too. */
  readonly pull_request?: object;
}

/** Who may write an issue that is taken for ours: anybody can copy its first line. */
const TRUSTED = ['OWNER', 'MEMBER', 'COLLABORATOR'];

/** What the token of issues has to be allowed. */
export const WRITE_ISSUES = 'write issues';

/** What became of an issue. */
export interface IssueChange {
  readonly change: 'opened' | 'reopened' | 'updated' | 'unchanged' | 'closed' | 'none';
  /** @default - there is no issue */
  readonly number?: number;
}

/** Issues of a repository that a command opens, updates and closes, each found again by the first line of its text. */
export class GithubIssues {
  constructor(private readonly repository: GithubRepository) {}

  /**
   * Opens an issue, or brings the one that begins with the same line up to date, and opens it again if it was closed.
   *
   * @param options.dryRun - only look what would be done.
   */
  async write(title: string, body: string, { dryRun = false } = {}): Promise<IssueChange> {
    const own = await this.find(markerOf(body));
    if (!own) {
      const made = dryRun
        ? undefined
        : await this.repository.call('POST /repos/{owner}/{repo}/issues', { title, body });
      return { change: 'opened', ...(made !== undefined && { number: (made as Issue).number }) };
    }
    const { number } = own;
    const isOpen = own.state === 'open';
    if (isOpen && own.title === title && textOf(own) === body.trim()) return { change: 'unchanged', number };
    if (!dryRun) await this.patch(number, { title, body, state: 'open' });
    return { change: isOpen ? 'updated' : 'reopened', number };
  }

  /**
   * Closes the issue that begins with a line, with a comment that says why.
   *
   * @param options.dryRun - only look what would be done.
   */
  async close(marker: string, comment: string, { dryRun = false } = {}): Promise<IssueChange> {
    const own = await this.find(marker);
    if (own?.state !== 'open') return { change: 'none' };
    const { number } = own;
    if (!dryRun) {
      const issue = { issue_number: number, body: comment };
      await this.repository.call('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', issue);
      await this.patch(number, { state: 'closed', state_reason: 'completed' });
    }
    return { change: 'closed', number };
  }

  /** The open issue with this first line, or else the newest closed one. */
  private async find(marker: string): Promise<Issue | undefined> {
    const all = await this.repository.all<Issue>('GET /repos/{owner}/{repo}/issues', { state: 'all' });
    const own = all.filter(
      (issue) =>
        !issue.pull_request &&
        (issue.user?.type === 'Bot' || TRUSTED.includes(issue.author_association)) &&
        markerOf(textOf(issue)) === marker,
    );
    return own.find(({ state }) => state === 'open') ?? own.sort((a, b) => b.number - a.number)[0];
  }

  private patch(number: number, fields: Readonly<Record<string, unknown>>): Promise<unknown> {
    return this.repository.call('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
      issue_number: number,
      ...fields,
    });
  }
}

/** GitHub stores the line ends of a form. */
function textOf({ body }: Issue): string {
  return (body ?? '').replaceAll('\r\n', '\n').trim();
}

function markerOf(text: string): string {
  return text.split('\n')[0]?.trim() ?? '';
}
