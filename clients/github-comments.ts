import type { GithubRepository } from './github';

interface PullRequest {
  readonly number: number;
  readonly head: { readonly sha: string };
}

interface Comment {
  readonly id: number;
  readonly body?: string;
  readonly user: { readonly type: string } | null;
}

/** What the token of comments has to be allowed. */
export const WRITE_PULL_REQUESTS = 'write pull requests';

/** Comments on the pull requests of a repository, each found again by its first line. */
export class GithubComments {
  constructor(private readonly repository: GithubRepository) {}

  /**
   * The open pull request whose newest commit has this SHA. What an untrusted job says about its number is not asked.
   *
   * @returns undefined if it was closed, or has a newer commit.
   */
  async pullRequestOf(sha: string): Promise<number | undefined> {
    const open = await this.repository.all<PullRequest>('GET /repos/{owner}/{repo}/pulls', { state: 'open' });
    return open.find(({ head }) => head.sha === sha)?.number;
  }

  /** Paths of the files that a pull request changes. */
  async filesOf(pullRequest: number): Promise<string[]> {
    const files = await this.repository.all<{ filename: string; previous_filename?: string }>(
      'GET /repos/{owner}/{repo}/pulls/{pull_number}/files',
      { pull_number: pullRequest },
    );
    return files.flatMap(({ filename, previous_filename }) => [filename, previous_filename ?? []].flat());
  }

  /** Writes a comment, in place of the one of a bot that begins with the same line. */
  async write(pullRequest: number, body: string): Promise<'created' | 'updated'> {
    const [marker = ''] = body.split('\n');
    const issue = { issue_number: pullRequest };
    const comments = await this.repository.all<Comment>(
      'GET /repos/{owner}/{repo}/issues/{issue_number}/comments',
      issue,
    );
    const own = comments.find((one) => one.user?.type === 'Bot' && one.body?.split('\n')[0]?.trim() === marker);
    if (own)
      await this.repository.call('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
        comment_id: own.id,
        body,
      });
    else await this.repository.call('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', { ...issue, body });
    return own ? 'updated' : 'created';
  }
}
