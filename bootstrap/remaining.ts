import { environmentOf, type Platform } from '../platforms/schema/define-platform';
import { foundationOwnerOf, layersOf } from '../platforms/schema/environment';
import { githubSettings } from '../platforms/schema/github-settings';
import { onGithub } from '../platforms/schema/repository-on-github';
import { needsDeployKey, secretsOf } from '../platforms/schema/secrets';
import { TOKENS, type TokenSource, WRITTEN_BY_WORKFLOWS } from './tokens';

/** Something that only a person can do. */
export interface Task {
  readonly what: string;
  /** Where and how, one line each. */
  readonly how: readonly string[];
}

/** A secret on GitHub without a value. */
interface MissingSecret {
  readonly repository: string;
  /** @default - it belongs to the repository */
  readonly environment?: string | undefined;
  readonly name: string;
}

/** A secret that `TOKENS` does not know: one of the application, which CI inserts into the manifests. */
const OF_APPLICATION: TokenSource = {
  what: 'a value that the application needs; for a new password',
  command: 'openssl rand -hex 24',
};

/**
 * What is left for a person once an environment is bootstrapped: secrets, with the page where each is created and what it has to be
 * allowed, and what no layer knows.
 *
 * @param missing - secrets on GitHub without a value: `repository:NAME` or `repository:environment:NAME`.
 */
export function remainingTasks(platform: Platform, env: string, missing: readonly string[]): Task[] {
  const secrets = missing.map(missingSecret).filter(({ name }) => !WRITTEN_BY_WORKFLOWS.includes(name));
  return [
    ...[...new Set(secrets.map(({ name }) => name))].map((name) =>
      secretTask(
        platform,
        name,
        secrets.filter((one) => one.name === name),
      ),
    ),
    ...deployKeyTasks(platform, env, secrets),
    ...variableTasks(platform, env),
    ...clusterTasks(platform, env),
  ];
}

function missingSecret(place: string): MissingSecret {
  const [repository = '', ...rest] = place.split(':');
  return { repository, environment: rest.length > 1 ? rest[0] : undefined, name: rest.at(-1) ?? '' };
}

/** One secret, in all places that need it. */
function secretTask(platform: Platform, name: string, places: readonly MissingSecret[]): Task {
  const { what, page, scopes, command } = TOKENS[name] ?? OF_APPLICATION;
  const owner = onGithub(platform.repository.url)?.owner ?? '';
  return {
    what: `${name} on GitHub: ${what}`,
    how: [
      ...(page ? [`create it at ${page}`] : []),
      ...(scopes ? [`allow it ${scopes}`] : []),
      ...(command ? [`create it with: ${command}`] : []),
      ...places.map(
        ({ repository, environment }) =>
          `gh secret set ${name} --repo ${owner}/${repository}${environment ? ` --env ${environment}` : ''}`,
      ),
    ],
  };
}

/** The public half of a key is part of the description, so that 90-github can add it. */
function deployKeyTasks(platform: Platform, env: string, missing: readonly MissingSecret[]): Task[] {
  const { deployKeys } = platform.repository;
  const owner = foundationOwnerOf(platform);
  const isMissing = missing.some(({ name }) => name === 'CONFIG_DEPLOY_KEY');
  const pushes = githubSettings(platform).some(({ name }) => name === 'CONFIG_DEPLOY_KEY');
  const then = (key: string) => [
    `write the public half to repository.deployKeys.${key} in platforms/${platform.name}/platform.ts`,
    `npm run bootstrap -- --platform ${platform.name} --env ${owner}`,
  ];
  return [
    ...(env === owner && pushes && !isMissing && !deployKeys?.workflows
      ? [{ what: 'the key CONFIG_DEPLOY_KEY cannot push yet', how: then('workflows') }]
      : []),
    ...(needsDeployKey(platform, environmentOf(platform, env))
      ? [
          {
            what: 'SSH key with which Argo CD reaches the repository',
            how: [
              ...(deployKeys?.argocd
                ? []
                : ["create it with: ssh-keygen -t ed25519 -N '' -C argocd -f argocd-key", ...then('argocd')]),
              `after 00-vpc: npm run secret -- set git-deploy-key --platform ${platform.name} --env ${env} <argocd-key`,
            ],
          },
        ]
      : []),
  ];
}

/** Variables that no layer knows the value of. */
function variableTasks(platform: Platform, env: string): Task[] {
  const repository = onGithub(platform.repository.url);
  const unknown = githubSettings(platform).filter(
    (one) => one.kind === 'variable' && !one.name.startsWith('GCP_') && (one.env ?? env) === env,
  );
  return unknown.map(({ name, purpose }) => ({
    what: `${name} on GitHub: ${purpose}`,
    how: [`gh variable set ${name} --repo ${repository?.owner}/${repository?.name}`],
  }));
}

function clusterTasks(platform: Platform, env: string): Task[] {
  const { cluster } = environmentOf(platform, env);
  const options = `--platform ${platform.name} --env ${env}`;
  const secrets = secretsOf(platform, env);
  const hasLayers = layersOf(platform, env).length > 0;
  return [
    ...(cluster.kind === 'k0s-vm'
      ? []
      : [
          {
            what: `a cluster of kind ${cluster.kind}, which no layer creates`,
            how:
              cluster.kind === 'hetzner-k3s'
                ? [`npm run cluster -- create ${options}`]
                : [`give your kubeconfig a context "${cluster.context}"`],
          },
        ]),
    ...(hasLayers ? [{ what: 'the layers of the environment', how: [`npm run apply -- ${options}`] }] : []),
    ...(secrets.length > 0
      ? [
          {
            what: `values of ${secrets.length} secrets in Secret Manager`,
            how: [`see which are empty: npm run secret -- list ${options}`],
          },
        ]
      : []),
  ];
}
