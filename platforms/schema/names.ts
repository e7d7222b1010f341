/** Longest name of a Compute Engine resource, in characters. Source: https://cloud.google.com/compute/docs/naming-resources */
const NAME_LIMIT = 63;

/** Longest id of a service account, in characters. Source: https://cloud.google.com/iam/docs/service-accounts-create */
const ACCOUNT_LIMIT = 30;

/**
 * The name of a Google resource: its parts joined by hyphens.
 *
 * @param limit - longest name that Google allows, in characters. @default 63
 * @throws Error if Google would reject the name.
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

/** The names of what the environments of a platform share. */
export function sharedNamesOf(platform: string) {
  return {
    /** Id of the workload identity pool, 4 to 32 characters. Source: https://cloud.google.com/iam/docs/manage-workload-identity-pools-providers */
    identityPool: googleName([platform, 'github'], 32),
    /** Account id of a service account that all environments share. */
    account: (role: string) => googleName([platform, role], ACCOUNT_LIMIT),
  };
}

/** The names of an environment's resources that several parts of the code need. */
export function namesOf(platform: string, env: string) {
  const name = (...parts: string[]) => googleName([platform, env, ...parts]);
  return {
    /** Prefix of every name of the environment. */
    prefix: name(),
    /** Name of the VM. */
    vm: name('vm'),
    /** Name of the boot disk of a generation: every restore starts a new generation. */
    bootDisk: (generation: number) => name('vm', `boot-g${generation}`),
    /** Account id of the VM's service account. */
    serviceAccount: googleName([platform, env, 'vm'], ACCOUNT_LIMIT),
    /** Name of a resource that nothing else refers to. */
    part: (part: string) => name(part),
    /** Account id of another service account of the environment. */
    account: (role: string) => googleName([platform, env, role], ACCOUNT_LIMIT),
    /** Id of a custom role or of a log-based metric: custom role ids cannot contain hyphens. */
    underscored: (part: string) => `${name()}_${part}`.replaceAll('-', '_'),
    /** Name of a bucket. It begins with the project, since bucket names are unique in all of Google Cloud. */
    bucket: (project: string, part: string) => googleName([project, platform, env, part]),
    /** Id in Secret Manager of a secret of the environment. */
    secret: (secret: string) => name(secret),
    /** Kubeconfig that `npm run kubeconfig` writes and the Kubernetes providers read, in the user's home folder. */
    kubeconfig: `~/.kube/strata/${platform}-${env}.yaml`,
  };
}
