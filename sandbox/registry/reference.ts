/** A parsed image reference with Docker's defaults filled in. */
export interface ImageReference {
  /** `docker.io`, `ghcr.io`, ... */
  readonly host: string;
  /** With its host: `docker.io/library/postgres`. */
  readonly repository: string;
  /** `latest` where neither tag nor digest is given. */
  readonly tag: string;
  /** `sha256:...`; it wins over the tag. */
  readonly digest?: string;
}

/** Parses `[host/]path[:tag][@digest]`. Source: the reference grammar of the distribution project. */
export function parseReference(text: string): ImageReference {
  const match = /^(.+?)(?::([\w][\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(text);
  const [first = '', ...rest] = (match?.[1] ?? '').split('/');
  const hosted = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const host = hosted ? first : 'docker.io';
  const path = hosted ? rest : [first, ...rest];
  if (!path.every((part) => /^[a-z0-9]+([._-]+[a-z0-9]+)*$/.test(part))) {
    throw new Error(`invalid image reference "${text}": must be [host/]path[:tag][@sha256:digest], path in lower case`);
  }
  const full = host === 'docker.io' && path.length === 1 ? ['library', ...path] : path;
  return { host, repository: [host, ...full].join('/'), tag: match?.[2] ?? 'latest', digest: match?.[3] };
}
