/** Longest name of most Compute Engine resources, in characters. Source: RFC 1035 labels, which Google demands. */
const NAME_LIMIT = 63;

/** Longest id of a service account, in characters. Source: Google's IAM reference. */
const ACCOUNT_LIMIT = 30;

/**
 * The name of a Google resource: its parts joined by hyphens.
 *
 * @param limit - characters that Google allows. @default 63
 * @throws when Google would refuse the name.
 */
export function googleName(parts: readonly string[], limit = NAME_LIMIT): string {
  const name = parts.join('-');
  if (name.length > limit) {
    throw new Error(
      `name "${name}" has ${name.length} characters, Google allows ${limit}; shorten the platform's or the environment's name`,
    );
  }
  if (!/^[a-z][-a-z0-9]*[a-z0-9]$/.test(name)) {
    throw new Error(
      `name "${name}" is not one that Google allows; use lowercase letters, digits and hyphens, beginning with a letter and not ending with a hyphen`,
    );
  }
  return name;
}

/** The names of one environment that more than one part of the code has to know. */
export function namesOf(platform: string, env: string) {
  const name = (...parts: string[]) => googleName([platform, env, ...parts]);
  return {
    /** Begins every name of the environment. */
    prefix: name(),
    vm: name('vm'),
    /** A boot disk carries the generation of the VM that it boots; every restore begins a new one. */
    bootDisk: (generation: number) => name('vm', `boot-g${generation}`),
    serviceAccount: googleName([platform, env, 'vm'], ACCOUNT_LIMIT),
    /** The name of a part that nothing else has to know. */
    part: (part: string) => name(part),
    /** The account id of another identity of the environment. */
    account: (role: string) => googleName([platform, env, role], ACCOUNT_LIMIT),
    /** The id of a custom role or of a metric, neither of which may hold hyphens. */
    underscored: (part: string) => `${name()}_${part}`.replaceAll('-', '_'),
    /** The name of a bucket. It begins with the project, since all of Google shares one list of such names. */
    bucket: (project: string, part: string) => googleName([project, platform, env, part]),
    /** The id in Secret Manager of a secret of the platform. */
    secret: (secret: string) => name(secret),
    /** Where `npm run kubeconfig` writes and the Kubernetes providers read, under the home folder of whoever runs them. */
    kubeconfig: `~/.kube/strata/${platform}-${env}.yaml`,
  };
}
