import type { Platform } from '../platforms/schema/define-platform';
import { registryHost } from '../platforms/schema/registry';
import { expression, secret, variable } from './expression';
import type { Interface, Permissions, Step } from './workflow';

/** The version of Node.js that the tests run on. */
const NODE = '20';

/** The version of terraform that the tests run. */
const TERRAFORM = '1.11.4';

/** Runners of GitHub, for whatever needs no access to a cluster. */
export const HOSTED = 'ubuntu-24.04';

/**
 * The steps before one of our commands can run: its repository is checked out, without leaving a credential in it, and its
 * packages are installed.
 *
 * @param checkout.repository - `OWNER/NAME`, its branch and the token that reads it. @default - the repository of the workflow
 * @param checkout.history - check out all commits. @default false: the newest one only
 */
export function prepared({ repository, history }: Checkout = {}): Step[] {
  return [
    {
      name: 'Check out the repository',
      uses: 'actions/checkout',
      with: {
        ...(repository && { repository: repository.name, ref: repository.branch, token: repository.token }),
        ...(history && { 'fetch-depth': 0 }),
        'persist-credentials': false,
      },
    },
    // A cache that another branch can write would let it change what is deployed.
    {
      name: 'Install Node.js',
      uses: 'actions/setup-node',
      with: { 'node-version': NODE, 'package-manager-cache': false },
    },
    { name: 'Install the packages', run: ['npm', 'ci'] },
  ];
}

/** What `prepared` checks out. */
export interface Checkout {
  readonly repository?: { readonly name: string; readonly branch: string; readonly token: string };
  readonly history?: boolean;
}

/** Checks the repository of a service out into `source`, next to the platform's. */
export const checkOutSource: Step = {
  name: 'Check out the service',
  uses: 'actions/checkout',
  with: { path: 'source', 'persist-credentials': false },
};

/** Installs the terraform that the tests run, as itself: the wrapper of the action would change its output. */
export const installTerraform: Step = {
  name: 'Install terraform',
  uses: 'hashicorp/setup-terraform',
  with: { terraform_version: TERRAFORM, terraform_wrapper: false },
};

/**
 * Authenticates to Google by Workload Identity Federation, as the service account that a variable names.
 *
 * @param keepsCredentials - true where programs after it need Google's credentials, false where only a registry does.
 */
export function authenticate(account: string, keepsCredentials: boolean): Step {
  return {
    name: 'Authenticate to Google',
    id: 'google',
    uses: 'google-github-actions/auth',
    with: {
      workload_identity_provider: variable('GCP_WORKLOAD_IDENTITY_PROVIDER'),
      service_account: variable(account),
      token_format: 'access_token',
      create_credentials_file: keepsCredentials,
    },
  };
}

/** Logs in to the registry of the platform's own images. For Artifact Registry, after `authenticate`. */
export function logIn(platform: Platform): Step[] {
  const step = (inputs: Readonly<Record<string, string>>): Step[] => [
    { name: 'Log in to the registry', uses: 'docker/login-action', with: inputs },
  ];
  switch (platform.registry.kind) {
    case 'artifact-registry':
      return step({
        registry: registryHost(platform),
        username: 'oauth2accesstoken',
        password: expression('steps.google.outputs.access_token'),
      });
    case 'docker-hub':
      return step({ username: secret('DOCKERHUB_USERNAME'), password: secret('DOCKERHUB_TOKEN') });
    case 'ghcr':
      return step({
        registry: registryHost(platform),
        username: expression('github.actor'),
        password: secret('GITHUB_TOKEN'),
      });
    case 'upstream':
      return [];
  }
}

/** The secrets that `logIn` reads, as a reusable workflow declares them. */
export function registrySecrets({ registry }: Platform): NonNullable<Interface['secrets']> {
  const needed = { required: true };
  return registry.kind === 'docker-hub' ? { DOCKERHUB_USERNAME: needed, DOCKERHUB_TOKEN: needed } : {};
}

/** The permissions of a job that authenticates to Google, or pushes to GitHub's registry. */
export function permissionsFor({
  google,
  packages,
}: {
  readonly google: boolean;
  readonly packages: boolean;
}): Permissions {
  return {
    contents: 'read',
    ...(google && { 'id-token': 'write' as const }),
    ...(packages && { packages: 'write' as const }),
  };
}

/** Builder of images for other architectures, with a cache in the registry. */
export const setUpBuildx: Step = { name: 'Set up Buildx', uses: 'docker/setup-buildx-action' };
