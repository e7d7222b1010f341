import type { Environment, Platform } from './form';

/** Secrets that an environment needs for exposure, delivery and backup, in addition to those of the application. */
const NEEDED = {
  exposure: {
    /** The token that cloudflared connects with. */
    tunnel: ['tunnel-token'],
  },
  /** The SSH key with which Argo CD reads the platform's repository, and Image Updater pushes to it. */
  deployKey: ['git-deploy-key'],
  /** The HMAC key with which dumps are uploaded. See https://cloud.google.com/storage/docs/authentication/hmackeys */
  backup: ['object-storage-access-key-id', 'object-storage-secret-access-key'],
} as const;

/**
 * Labels of an environment's secrets where no layer creates them: the same as 00-vpc would set. Undefined if 00-vpc creates
 * them.
 */
export function labelsOfSecrets(
  { name, environments }: Pick<Platform, 'name' | 'environments'>,
  env: string,
): Record<string, string> | undefined {
  if (environments[env]?.cluster.kind === 'k0s-vm') return undefined;
  return { platform: name, environment: env, component: 'secrets' };
}

/** Whether layer 02 gives Argo CD a deploy key: to read a private repository, or for Image Updater to push. */
export function needsDeployKey(
  { repository }: { readonly repository?: { readonly private?: boolean } },
  { cluster, delivery }: Pick<Environment, 'cluster' | 'delivery'>,
): boolean {
  return delivery.kind === 'image-updater' || (repository?.private === true && cluster.kind === 'k0s-vm');
}

/** The names of the application's secrets in an environment. */
export function applicationSecrets(
  { secrets }: Pick<Platform, 'secrets'>,
  environment: Environment,
): readonly string[] {
  return environment.secrets ?? secrets;
}

/**
 * The names of an environment's secrets in Secret Manager: the application's, and those that exposure, delivery and backup need.
 * They have no value until `npm run secret` sets one. None with `push-apply`: CI writes GitHub secrets into the manifests.
 */
export function secretsOf(
  {
    secrets,
    environments,
    repository,
  }: Pick<Platform, 'secrets' | 'environments'> & { readonly repository?: { readonly private?: boolean } },
  env: string,
): readonly string[] {
  const environment = environments[env];
  if (!environment || environment.delivery.kind === 'push-apply') return [];
  const { exposure, backup } = environment;
  return [
    ...applicationSecrets({ secrets }, environment),
    // Rules call this before defaults are filled in.
    ...(exposure?.kind === 'tunnel' ? NEEDED.exposure.tunnel : []),
    ...(needsDeployKey({ repository }, environment) ? NEEDED.deployKey : []),
    ...(backup ? NEEDED.backup : []),
  ];
}

/**
 * Why a value is not valid for a secret, or undefined if it is. Applications get a database URL such as
 * `postgresql://user:password@host`, into which Kubernetes inserts the password without encoding it, so a password must not
 * contain characters that are special in a URL. The message never contains the value.
 *
 * @param secret - name of the secret, such as `postgres-password`.
 */
export function problemOfValue(secret: string, value: string): string | undefined {
  if (!/(^|-)password$/.test(secret) || /^[A-Za-z0-9._~-]+$/.test(value)) return undefined;
  return `the value of "${secret}" is empty or has a character other than letters, digits and -._~, which breaks the URL that applications put it into; generate one with: openssl rand -hex 24`;
}
