/** A repository on GitHub. */
export interface RepositoryOnGithub {
  /** Organisation or user. */
  readonly owner: string;
  /** Name without its owner. */
  readonly name: string;
}

/** The repository with an HTTPS URL such as `https://github.com/acme/web.git`; undefined if it is not on github.com. */
export function onGithub(url: string): RepositoryOnGithub | undefined {
  const [, owner, name] = /^https:\/\/github\.com\/([^/]+)\/([^/]+?)(?:\.git)?$/i.exec(url) ?? [];
  return owner && name ? { owner, name } : undefined;
}
