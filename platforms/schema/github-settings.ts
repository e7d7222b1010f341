import type { Environment, Platform } from './form';
import { applicationSecrets } from './secrets';

/** A secret or variable that a GitHub repository must have before its workflows can run. */
export interface GithubSetting {
  /** Whether it is a secret or a configuration variable. See https://docs.github.com/en/actions/concepts/security/secrets */
  readonly kind: 'secret' | 'variable';
  /** Its name, in upper case. */
  readonly name: string;
  /** GitHub environment that it is scoped to. @default - the whole repository */
  readonly env?: string;
  /** True if the repository of each service needs it, and not the platform's. @default false */
  readonly inServices?: true;
  /** What it is for. */
  readonly purpose: string;
}

/**
 * Every GitHub secret and variable that a platform needs. None of them is a service account key or an Argo CD token: workflows
 * authenticate to Google with Workload Identity Federation, and read rollouts through the Kubernetes API.
 */
export function githubSettings(platform: Platform): GithubSetting[] {
  // GitHub cannot reach an environment whose state is on somebody's machine.
  const environments = Object.entries(platform.environments).filter(([, { state }]) => state?.kind !== 'local');
  const used = (wanted: (environment: Environment) => boolean) => environments.some(([, one]) => wanted(one));
  return [
    variable('GCP_PROJECT_ID', 'Google project of the state'),
    variable('GCP_WORKLOAD_IDENTITY_PROVIDER', 'workload identity pool and provider for this repository'),
    variable('GCP_PLAN_SERVICE_ACCOUNT', 'service account for plans, with read-only access'),
    ...(platform.registry.kind === 'artifact-registry'
      ? [variable('GCP_BUILD_SERVICE_ACCOUNT', 'service account that pushes images')]
      : []),
    ...(platform.registry.kind === 'docker-hub'
      ? [
          secret('DOCKERHUB_USERNAME', 'account that pushes images'),
          secret('DOCKERHUB_TOKEN', 'access token of that account'),
        ]
      : []),
    ...(used(({ delivery }) => delivery.kind === 'ci-commit')
      ? [secret('CONFIG_DEPLOY_KEY', 'deploy key that may push tags and locks, bypassing branch protection')]
      : []),
    ...(used(({ delivery }) => delivery.kind === 'config-repository')
      ? [
          {
            ...secret('REPO_ACCESS_TOKEN', `in each service's repository: may push to ${platform.repository.url}`),
            inServices: true as const,
          },
        ]
      : []),
    ...(used(({ cluster }) => cluster.kind === 'hetzner-k3s')
      ? [
          secret('HETZNER_TOKEN', 'token of Hetzner Cloud'),
          secret('HETZNER_SSH_PRIVATE_KEY', 'SSH key of the nodes'),
          secret('HETZNER_SSH_PUBLIC_KEY', 'public key of the nodes'),
          variable('HETZNER_K3S_SHA256', 'SHA-256 of the release of hetzner-k3s for Linux on amd64'),
          secret('INFRA_DEPLOY_TOKEN', 'writes the KUBECONFIG secret below, which the token of a workflow may not do'),
        ]
      : []),
    ...(platform.slack ? [secret('SLACK_BOT_TOKEN', `posts to ${platform.slack.channel}`)] : []),
    ...environments.flatMap(([env, environment]) =>
      ofEnvironment(platform, environment).map((one) => ({ ...one, env })),
    ),
  ];
}

/** The GitHub name of a secret of the platform: `POSTGRES_SA_PASSWORD` for `postgres-sa-password`. */
export function settingName(noun: string): string {
  return noun.replaceAll('-', '_').toUpperCase();
}

function ofEnvironment(platform: Platform, environment: Environment): GithubSetting[] {
  const { cluster, delivery } = environment;
  return [
    ...(cluster.kind === 'k0s-vm' || delivery.kind !== 'push-apply'
      ? [variable('GCP_APPLY_SERVICE_ACCOUNT', 'service account that applies')]
      : []),
    ...(cluster.kind === 'k0s-vm'
      ? [variable('GCP_DEPLOY_SERVICE_ACCOUNT', 'identity that ships: opens the tunnel to the VM, and tags images')]
      : []),
    ...(cluster.kind === 'hetzner-k3s'
      ? [secret('KUBECONFIG', 'written by the workflow that creates the cluster')]
      : []),
    ...(delivery.kind === 'push-apply'
      ? applicationSecrets(platform, environment).map((noun) =>
          secret(settingName(noun), 'inserted into the manifests when they are applied'),
        )
      : []),
  ];
}

function secret(name: string, purpose: string): GithubSetting {
  return { kind: 'secret', name, purpose };
}

function variable(name: string, purpose: string): GithubSetting {
  return { kind: 'variable', name, purpose };
}
