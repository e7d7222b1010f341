import { FailedError, UsageError } from '../errors';

/** Calls one route of GitHub's REST API, as `request` of @octokit/request does. */
type GithubRequest = (
  route: string,
  parameters: Readonly<Record<string, unknown>>,
) => Promise<{ readonly data: unknown }>;

interface PullRequest {
  readonly number: number;
  readonly head: { readonly sha: string };
}

interface Comment {
  readonly id: number;
  readonly body?: string;
  readonly user: { readonly type: string } | null;
}

/** Entries of one page, the most that GitHub returns. */
const PAGE = 100;

/** Comments on the pull requests of a repository, each found again by its first line. */
export class GithubComments {
  constructor(
    private readonly repository: { readonly owner: string; readonly repo: string },
    private readonly request: GithubRequest,
  ) {}

  /**
   * The open pull request whose newest commit has this SHA. What an untrusted job says about its number is not asked.
   *
   * @returns undefined if it was closed, or has a newer commit.
   */
  async pullRequestOf(sha: string): Promise<number | undefined> {
    const open = await this.all<PullRequest>('GET /repos/{owner}/{repo}/pulls', { state: 'open' });
    return open.find(({ head }) => head.sha === sha)?.number;
  }

  /** Paths of the files that a pull request changes. */
  async filesOf(pullRequest: number): Promise<string[]> {
    const files = await this.all<{ filename: string; previous_filename?: string }>(
      'GET /repos/{owner}/{repo}/pulls/{pull_number}/files',
      { pull_number: pullRequest },
    );
    return files.flatMap(({ filename, previous_filename }) => [filename, previous_filename ?? []].flat());
  }

  /** Writes a comment, in place of the one of a bot that begins with the same line. */
  async write(pullRequest: number, body: string): Promise<'created' | 'updated'> {
    const [marker = ''] = body.split('\n');
    const comments = await this.all<Comment>('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', {
      issue_number: pullRequest,
    });
    const own = comments.find((one) => one.user?.type === 'Bot' && one.body?.split('\n')[0]?.trim() === marker);
    if (own) await this.call('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', { comment_id: own.id, body });
    else
      await this.call('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', { issue_number: pullRequest, body });
    return own ? 'updated' : 'created';
  }

  private async all<T>(route: string, parameters: Readonly<Record<string, unknown>>): Promise<T[]> {
    const found: T[] = [];
    for (let page = 1; ; page++) {
      const entries = (await this.call(route, { ...parameters, per_page: PAGE, page })) as T[];
      found.push(...entries);
      if (entries.length < PAGE) return found;
    }
  }

  private async call(route: string, parameters: Readonly<Record<string, unknown>>): Promise<unknown> {
    try {
      return (await this.request(route, { ...this.repository, ...parameters })).data;
    } catch (error) {
      throw new FailedError(`GitHub refused ${route}: ${(error as Error).message}; let the token write pull requests`, {
        cause: error,
      });
    }
  }
}

/**
 * Connects to GitHub by the token in `GITHUB_TOKEN`, at `GITHUB_API_URL` where that is set.
 *
 * @param repository - such as `acme/platform`.
 * @throws {UsageError} without a token, or without a repository.
 */
export async function connectComments(repository: string, env: NodeJS.ProcessEnv): Promise<GithubComments> {
  const { GITHUB_TOKEN: token, GITHUB_API_URL: baseUrl = 'https://api.github.com' } = env;
  const [, owner, repo] = /^([\w.-]+)\/([\w.-]+)$/.exec(repository) ?? [];
  if (!owner || !repo) throw new UsageError(`--repository "${repository}": expected OWNER/NAME`);
  if (!token) throw new UsageError('GITHUB_TOKEN is not set; expected a token that may write pull requests');
  // Loaded here: no other command needs it.
  const { request } = await import('@octokit/request');
  const withToken = request.defaults({ baseUrl, headers: { authorization: `token ${token}` } });
  return new GithubComments({ owner, repo }, withToken as unknown as GithubRequest);
}
