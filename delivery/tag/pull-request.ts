/** A planned pull request. */
export interface PullRequestDraft {
  /** The branch with the change. */
  readonly head: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
}

/** A pull request on GitHub. */
export interface OpenedPullRequest {
  readonly number: number;
  readonly url: string;
}

/** The pull requests of the config repository. */
export interface PullRequests {
  /** Opens one, or finds the one that is open for the branch. */
  open(draft: PullRequestDraft): Promise<OpenedPullRequest>;
}
