import { FailedError, UsageError } from '../errors';

/** Calls one route of GitHub's REST API, as `request` of @octokit/request does. */
export type GithubRequest = (route: string, parameters: Readonly<Record<string, unknown>>) => Promise<GithubResponse>;

/** What GitHub answered. */
export interface GithubResponse {
  readonly data: unknown;
  readonly headers?: Readonly<Record<string, unknown>>;
}

/** Entries of one page, the most that GitHub returns. */
const PAGE = 100;

/** A repository on GitHub, by its REST API: https://docs.github.com/en/rest */
export class GithubRepository {
  /** @param needs - what the token has to be allowed, for messages: `write pull requests` */
  constructor(
    readonly place: { readonly owner: string; readonly repo: string },
    private readonly request: GithubRequest,
    private readonly needs: string,
  ) {}

  /** All entries of a route that returns pages. @param list - the entries of a page. @default - the page is a list */
  async all<T>(
    route: string,
    parameters: Readonly<Record<string, unknown>> = {},
    list: (page: unknown) => readonly T[] = (page) => page as T[],
  ): Promise<T[]> {
    const found: T[] = [];
    for (let page = 1; ; page++) {
      const entries = list(await this.call(route, { ...parameters, per_page: PAGE, page }));
      found.push(...entries);
      if (entries.length < PAGE) return found;
    }
  }

  /** Calls a route, with the owner and the name of the repository. @throws {GithubError} if GitHub refuses */
  async call(route: string, parameters: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    return (await this.ask(route, parameters)).data;
  }

  /** Like `call`, with the headers of the answer. */
  async ask(route: string, parameters: Readonly<Record<string, unknown>> = {}): Promise<GithubResponse> {
    try {
      return await this.request(route, { ...this.place, ...parameters });
    } catch (error) {
      throw new GithubError(route, this.needs, error);
    }
  }
}

/** GitHub refused a call, or could not be reached. */
class GithubError extends FailedError {
  /** The HTTP status. @default - GitHub did not answer */
  readonly status: number | undefined;

  constructor(route: string, needs: string, cause: unknown) {
    super(`GitHub refused ${route}: ${(cause as Error).message}; let the token ${needs}`, { cause });
    this.status = (cause as { status?: number }).status;
  }
}

/**
 * Connects to GitHub by the token in `GITHUB_TOKEN`, at `GITHUB_API_URL` where that is set.
 *
 * @param repository - such as `acme/platform`.
 * @param needs - what the token has to be allowed, for messages: `write pull requests`.
 * @throws {UsageError} without a token, or without a repository.
 */
export async function connectGithub(
  repository: string,
  needs: string,
  env: NodeJS.ProcessEnv,
): Promise<GithubRepository> {
  const { GITHUB_TOKEN: token, GITHUB_API_URL: baseUrl = 'https://api.github.com' } = env;
  const [, owner, repo] = /^([\w.-]+)\/([\w.-]+)$/.exec(repository) ?? [];
  if (!owner || !repo) throw new UsageError(`--repository "${repository}": expected OWNER/NAME`);
  if (!token) throw new UsageError(`GITHUB_TOKEN is not set; expected a token that may ${needs}`);
  // Loaded here: most commands do not need it.
  const { request } = await import('@octokit/request');
  const withToken = request.defaults({ baseUrl, headers: { authorization: `token ${token}` } });
  return new GithubRepository({ owner, repo }, withToken as unknown as GithubRequest, needs);
}
