import type { CommitStyle } from '../../platforms/schema/commit-style';

/** A tag in a commit. */
export interface WrittenTag {
  readonly service: string;
  /** With its registry, without a tag. */
  readonly image: string;
  readonly tag: string;
  /** `sha256:...`. @default - unknown */
  readonly digest?: string;
}

/** What a commit does with its tags. A rollback is a pin of another tag than the deployed one. */
export type TagAction = 'set' | 'rollback' | 'pin' | 'unpin';

/** The parts of the message of a tag commit. */
export interface TagMessage {
  readonly style: CommitStyle;
  readonly action: TagAction;
  readonly tags: readonly WrittenTag[];
  /** The run that writes it: an address, or a name. */
  readonly run: string;
  /** Why, for pins. */
  readonly reason?: string;
  /** Whether the push of this commit may start workflows: the head of a pull request has to. */
  readonly startsWorkflows: boolean;
}

/**
 * The message of a tag commit: a subject in the platform's style, and trailers that `tag history` reads.
 *
 * A tag commit starts no build, in two ways. The workflows of services have path filters, and a tag commit changes only files
 * below `k8s/`, which no service is built from. Not every caller has such a filter (a build of the whole repository has
 * none), and unlike GITHUB_TOKEN's, a push by a GitHub App or a deploy key does start workflows; so the message also has
 * `[skip ci]`, which GitHub looks for in the head commit of a push. The commit of a pull request has none: GitHub would
 * skip its checks as well, and a required check would stay pending for ever.
 *
 * @see https://docs.github.com/en/actions/how-tos/manage-workflow-runs/skip-workflow-runs
 */
export function tagMessage({ style, action, tags, run, reason, startsWorkflows }: TagMessage): string {
  const trailers = tags.flatMap(({ service, image, tag, digest }) => [
    `Service: ${service}`,
    `Image: ${image}:${tag}`,
    ...(digest ? [`Digest: ${digest}`] : []),
  ]);
  return [
    action === 'set' ? SUBJECTS[style](tags) : HOLDS[action](tags),
    ...(reason ? [reason] : []),
    ...(startsWorkflows ? [] : ['[skip ci]']),
    [`Action: ${action}`, ...trailers, `Run: ${run}`].join('\n'),
  ]
    .join('\n\n')
    .concat('\n');
}

const HOLDS = {
  rollback: (tags: readonly WrittenTag[]) => `Rollback ${listed(tags, ' to ')}`,
  pin: (tags: readonly WrittenTag[]) => `Pin ${listed(tags, ' at ')}`,
  unpin: (tags: readonly WrittenTag[]) => `Unpin ${listed(tags, ' at ')}`,
};

/** The subject of the commit in the platform's style. */
const SUBJECTS: Readonly<Record<CommitStyle, (tags: readonly WrittenTag[]) => string>> = {
  deploy: (tags) => {
    const [first] = tags;
    const alike = tags.length > 1 && tags.every(({ tag }) => tag === first?.tag);
    return `deploy: ${alike ? `update images to ${first?.tag}` : listed(tags, ' ')}`;
  },
  update: (tags) => `Update ${listed(tags, ' to version ')}`,
  chore: (tags) => {
    const versions = [...new Set(tags.map(({ tag }) => tag))];
    return `chore(${tags.map(({ service }) => service).join(',')}): update image to ${versions.join(', ')}`;
  },
};

function listed(tags: readonly WrittenTag[], between: string): string {
  return tags.map(({ service, tag }) => `${service}${between}${tag}`).join(', ');
}

/** The tags that a message names, as far as it is of a tag commit. */
export function readTagMessage(message: string): { action: TagAction; tags: WrittenTag[]; run: string } | undefined {
  const block = message.trimEnd().split('\n\n').at(-1) ?? '';
  const trailers = [...block.matchAll(/^([A-Z][a-z]+): (.*)$/gm)].map(([, key = '', value = '']) => ({ key, value }));
  const action = trailers.find(({ key }) => key === 'Action')?.value as TagAction | undefined;
  if (!action) return undefined;
  const tags: { service: string; image: string; tag: string; digest?: string }[] = [];
  for (const { key, value } of trailers) {
    const last = tags.at(-1);
    if (key === 'Service') tags.push({ service: value, image: '', tag: '' });
    if (key === 'Digest' && last) last.digest = value;
    if (key === 'Image' && last) {
      last.image = value.slice(0, value.lastIndexOf(':'));
      last.tag = value.slice(value.lastIndexOf(':') + 1);
    }
  }
  return { action, tags, run: trailers.find(({ key }) => key === 'Run')?.value ?? '' };
}
