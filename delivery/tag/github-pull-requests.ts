import type { GithubRequest } from '../../clients/github';
import { FailedError, UsageError } from '../../errors';
import type { OpenedPullRequest, PullRequestDraft, PullRequests } from './pull-request';

interface Found {
  readonly number: number;
  readonly html_url: string;
}

/** Pull requests through GitHub's REST API. */
export class GithubPullRequests implements PullRequests {
  private readonly owner: string;
  private readonly repo: string;

  /** @param url - address of the repository. @throws {UsageError} when it is not on GitHub */
  constructor(
    url: string,
    private readonly request: GithubRequest,
  ) {
    const [, owner, repo] = /github\.com[/:]([^/]+)\/([^/]+?)(?:\.git)?$/.exec(url) ?? [];
    if (!owner || !repo) throw new UsageError(`${url} is not on GitHub; --pr can open pull requests only there`);
    this.owner = owner;
    this.repo = repo;
  }

  async open(draft: PullRequestDraft): Promise<OpenedPullRequest> {
    const { owner, repo } = this;
    const head = `${owner}:${draft.head}`;
    const [open] = (await this.call('GET', { owner, repo, head, base: draft.base, state: 'open' })) as Found[];
    const found = open ?? ((await this.call('POST', { owner, repo, ...draft })) as Found);
    return { number: found.number, url: found.html_url };
  }

  private async call(method: 'GET' | 'POST', parameters: Readonly<Record<string, unknown>>): Promise<unknown> {
    try {
      return (await this.request(`${method} /repos/{owner}/{repo}/pulls`, parameters)).data;
    } catch (error) {
      throw new FailedError(
        `GitHub refused the pull request: ${(error as Error).message}; the branch is pushed. ` +
          'Allow the token in REPO_ACCESS_TOKEN to write pull requests, then run this again',
        { cause: error },
      );
    }
  }
}

/**
 * Connects to GitHub by the token in `REPO_ACCESS_TOKEN`, at `GITHUB_API_URL` where that is set.
 *
 * @throws {UsageError} without a token: a deploy key opens no pull requests
 */
export async function connectPullRequests(url: string, env: NodeJS.ProcessEnv): Promise<GithubPullRequests> {
  const { REPO_ACCESS_TOKEN: token, GITHUB_API_URL: baseUrl = 'https://api.github.com' } = env;
  if (!token) throw new UsageError('--pr: needs REPO_ACCESS_TOKEN, a token that may write pull requests');
  // Loaded lazily, since only this option needs it.
  const { request } = await import('@octokit/request');
  return new GithubPullRequests(
    url,
    request.defaults({ baseUrl, headers: { authorization: `token ${token}` } }) as unknown as GithubRequest,
  );
}
