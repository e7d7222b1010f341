import { UsageError } from '../../errors';

/**
 * Host keys of ssh.github.com, so that a runner without a known_hosts file still refuses anybody else's.
 * @see https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/githubs-ssh-key-fingerprints
 */
export const GITHUB_HOST_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';

/** What a push is authenticated by. */
export interface Credentials {
  /** Token of a GitHub App (or a fine-grained token): pushes go by HTTPS. */
  readonly token?: string;
  /** Private deploy key in OpenSSH format: pushes go by SSH. */
  readonly deployKey?: string;
}

/** Credentials from the environment: `REPO_ACCESS_TOKEN` or `CONFIG_DEPLOY_KEY`. Without them git uses those of the person. */
export function credentialsOf(env: NodeJS.ProcessEnv): Credentials {
  return { token: env['REPO_ACCESS_TOKEN'] || undefined, deployKey: env['CONFIG_DEPLOY_KEY'] || undefined };
}

/**
 * The address that git connects to. With a deploy key, GitHub's SSH goes through port 443: in-cluster runners have no other
 * way out.
 *
 * @throws {UsageError} when a name and password are part of the address
 * @see https://docs.github.com/en/authentication/troubleshooting-ssh/using-ssh-over-the-https-port
 */
export function remoteAddress(url: string, { deployKey }: Credentials): string {
  const shown = url.replace(/\/\/[^@/]*@/, '//***@');
  if (/^https?:\/\/[^/]*@/.test(url) || /^[a-z+]+:\/\/[^/@]*:[^/@]*@/.test(url)) {
    throw new UsageError(
      `address ${shown} contains credentials, which would be visible in logs and process lists; ` +
        'remove them and set REPO_ACCESS_TOKEN or CONFIG_DEPLOY_KEY in the environment',
    );
  }
  if (!deployKey) return url;
  const path = /^(?:https:\/\/github\.com\/|ssh:\/\/git@github\.com\/|git@github\.com:)(.+)$/.exec(url)?.[1];
  return path ? `ssh://git@ssh.github.com:443/${path}` : url;
}
