import type { Environment, Platform } from './form';

/** Secrets that an environment needs for the way it is reached, delivered to and backed up, beside those of its application. */
const NEEDED = {
  exposure: {
    /** By which cloudflared opens the tunnel. */
    tunnel: ['tunnel-token'],
  },
  /** The SSH key by which Argo CD reads the platform's repository, and Image Updater pushes to it. */
  deployKey: ['git-deploy-key'],
  /** The HMAC key by which dumps get into their bucket. */
  backup: ['object-storage-access-key-id', 'object-storage-secret-access-key'],
} as const;

/**
 * Labels of a secret of an environment, where no layer makes secrets: what 00-vpc would put on it. Undefined where 00-vpc
 * does make them.
 */
export function labelsOfSecrets(
  { name, environments }: Pick<Platform, 'name' | 'environments'>,
  env: string,
): Record<string, string> | undefined {
  if (environments[env]?.cluster.kind === 'k0s-vm') return undefined;
  return { platform: name, environment: env, component: 'secrets' };
}

/** Whether layer 02 hands a deploy key to Argo CD: to read a private repository, or to push by Image Updater. */
export function needsDeployKey(
  { repository }: { readonly repository?: { readonly private?: boolean } },
  { cluster, delivery }: Pick<Environment, 'cluster' | 'delivery'>,
): boolean {
  return delivery.kind === 'image-updater' || (repository?.private === true && cluster.kind === 'k0s-vm');
}

/** The secrets of the application in an environment, as short nouns. */
export function applicationSecrets(
  { secrets }: Pick<Platform, 'secrets'>,
  environment: Environment,
): readonly string[] {
  return environment.secrets ?? secrets;
}

/**
 * The secrets of an environment in Secret Manager, as short nouns: the application's and its own. Empty until
 * `npm run secret` sets them. None where CI applies: it puts secrets of GitHub into the manifests.
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
    // Rules ask before defaults are filled in.
    ...(exposure?.kind === 'tunnel' ? NEEDED.exposure.tunnel : []),
    ...(needsDeployKey({ repository }, environment) ? NEEDED.deployKey : []),
    ...(backup ? NEEDED.backup : []),
  ];
}

/**
 * Why a value cannot be that secret, or undefined. Applications get their database by a URL such as `postgresql://user:password@host`,
 * in which Kubernetes puts a password as it is: a character that means something there breaks it. Never says the value.
 *
 * @param secret - a short noun.
 */
export function problemOfValue(secret: string, value: string): string | undefined {
  if (!/(^|-)password$/.test(secret) || /^[A-Za-z0-9._~-]+$/.test(value)) return undefined;
  return `the value of "${secret}" is empty or has a character other than letters, digits and -._~, which breaks the URL that applications put it into; generate one with: openssl rand -hex 24`;
}
