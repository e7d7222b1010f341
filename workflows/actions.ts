/** A published action, pinned to one commit. */
interface PinnedAction {
  /** Release that the commit is. */
  readonly version: string;
  /** The commit: all 40 characters, since tags can be moved. */
  readonly digest: string;
  /** Where the digest was read. */
  readonly source: string;
}

/**
 * The actions that our workflows use. No digest was resolved against GitHub itself: docs/workflows.md shows how to compare them with
 * their tags, and lists them as well.
 */
export const ACTIONS = {
  'actions/checkout': {
    version: 'v7.0.1',
    digest: '3d3c42e5aac5ba805825da76410c181273ba90b1',
    source: 'https://github.com/colophon-group/jobseek/pull/5791, which verified the signed commit of the tag',
  },
  'actions/download-artifact': {
    version: 'v8.0.1',
    digest: '3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c',
    source: 'https://github.com/preset-io/agor/pull/2762, which checked the releases and the tag',
  },
  'actions/setup-node': {
    version: 'v7.0.0',
    digest: '820762786026740c76f36085b0efc47a31fe5020',
    source:
      'https://github.com/schaurian/schautrack/pull/250, and public workflows that pin it with this version as their comment',
  },
  'actions/upload-artifact': {
    version: 'v7.0.1',
    digest: '043fb46d1a93c77aae656e7c1c64a875d1fc6a0a',
    source: 'https://github.com/Lemkinator/GetIcon/pull/133, where a review resolved tag v7 by git ls-remote',
  },
  'docker/login-action': {
    version: 'v4.1.0',
    digest: '4907a6ddec9925e35a0a9e82d7399ccc52663121',
    source: 'https://github.com/kubevault/installer/pull/439',
  },
  'docker/setup-buildx-action': {
    version: 'v4.1.0',
    digest: 'd7f5e7f509e45cec5c76c4d5afdd7de93d0b3df5',
    source: 'https://github.com/xencon/aixcl/pull/1616, which confirmed it by the API of GitHub',
  },
  'google-github-actions/auth': {
    version: 'v3.0.0',
    digest: '7c6bc770dae815cd3e89ee6cdf493a5fab2cc093',
    source: 'public workflows that pin it with this version as their comment',
  },
  'hashicorp/setup-terraform': {
    version: 'v4.0.1',
    digest: 'dfe3c3f87815947d99a8997f908cb6525fc44e9e',
    source: 'public workflows that pin it with this version as their comment',
  },
} as const satisfies Readonly<Record<string, PinnedAction>>;

/** An action that our workflows may use, such as `actions/checkout`. */
export type Action = keyof typeof ACTIONS;
