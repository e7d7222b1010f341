import type { PushedImage } from '../../world';

/** What may be updated to. */
export interface UpdateSettings {
  readonly updateStrategy?: string;
  /** `regexp:EXPRESSION` or `any`. */
  readonly allowTags?: string;
  readonly ignoreTags?: readonly string[];
  /** `linux/amd64`. @default - that of the node */
  readonly platforms?: readonly string[];
}

/**
 * The tag of the newest image that the settings allow, by the time of its build; of several built in one moment the last
 * in the order of letters.
 *
 * @throws Error when the settings name another strategy, or are invalid.
 */
export function newestBuild(
  tags: Readonly<Record<string, PushedImage>>,
  { updateStrategy = 'semver', allowTags = 'any', ignoreTags = [], platforms }: UpdateSettings,
  architecture: string,
): string | undefined {
  if (!['newest-build', 'latest'].includes(updateStrategy)) {
    throw new Error(`the sandbox simulates only updateStrategy newest-build, got: ${updateStrategy}`);
  }
  const expression = /^regexp:(.+)$/.exec(allowTags)?.[1];
  if (!expression && allowTags !== 'any')
    throw new Error(`allowTags must be any or regexp:EXPRESSION, got: ${allowTags}`);
  const allowed = new RegExp(expression ?? '');
  const architectures = platforms?.map((platform) => platform.split('/')[1] ?? '') ?? [architecture];
  return Object.entries(tags)
    .filter(([tag]) => allowed.test(tag) && !ignoreTags.some((pattern) => globMatches(pattern, tag)))
    .filter(([, image]) => architectures.some((one) => image.architectures.includes(one)))
    .sort(([a, one], [b, other]) => Date.parse(one.pushedAt) - Date.parse(other.pushedAt) || (a < b ? -1 : 1))
    .at(-1)?.[0];
}

/** True when a pattern with `*` and `?` fits the whole text. */
export function globMatches(pattern: string, text: string): boolean {
  const literal = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(text);
}
