/** Where a secret on GitHub comes from, and what it has to be allowed. */
export interface TokenSource {
  /** What to create. */
  readonly what: string;
  /** The page on which it is created. @default - it is created by a command */
  readonly page?: string;
  /** Permissions that it needs, and no others. @default - it has none */
  readonly scopes?: string;
  /** The command whose output is the value. @default - the page shows the value */
  readonly command?: string;
}

const FINE_GRAINED = 'https://github.com/settings/personal-access-tokens/new';

/** Where each secret of the workflows comes from, by its name on GitHub. Those of the application are not listed. */
export const TOKENS: Readonly<Record<string, TokenSource>> = {
  CONFIG_DEPLOY_KEY: {
    what: 'SSH key of the workflows, whose public half goes into repository.deployKeys.workflows of the description',
    command: "ssh-keygen -t ed25519 -N '' -C workflows -f deploy-key",
  },
  SLACK_BOT_TOKEN: {
    what: 'bot token of a Slack app; invite the bot to the channel',
    page: 'https://api.slack.com/apps',
    scopes: 'chat:write',
  },
  DOCKERHUB_USERNAME: { what: 'name of the account on Docker Hub that pushes images', page: 'https://app.docker.com' },
  DOCKERHUB_TOKEN: {
    what: 'access token of that account',
    page: 'https://app.docker.com/settings/personal-access-tokens',
    scopes: 'Read & Write',
  },
  REPO_ACCESS_TOKEN: {
    what: 'fine-grained token of an administrator of the config repository, limited to that repository',
    page: FINE_GRAINED,
    scopes: 'Contents: read and write',
  },
  INFRA_DEPLOY_TOKEN: {
    what: 'fine-grained token that stores the kubeconfig of a new cluster, limited to this repository',
    page: FINE_GRAINED,
    scopes: 'Secrets: read and write; Environments: read and write',
  },
  HETZNER_TOKEN: {
    what: 'API token of the Hetzner Cloud project: Security > API tokens',
    page: 'https://console.hetzner.com/projects',
    scopes: 'Read & Write',
  },
  HETZNER_SSH_PRIVATE_KEY: { what: 'SSH key of the nodes', command: "ssh-keygen -t ed25519 -N '' -C nodes -f hetzner" },
  HETZNER_SSH_PUBLIC_KEY: { what: 'public half of that key: the content of hetzner.pub' },
};

/** Secrets that a workflow writes. */
export const WRITTEN_BY_WORKFLOWS: readonly string[] = ['KUBECONFIG'];

/** The token with which `npm run bootstrap` itself reaches GitHub. */
export const BOOTSTRAP_TOKEN: Required<Pick<TokenSource, 'page' | 'scopes'>> = {
  page: FINE_GRAINED,
  scopes: 'Administration, Environments, Secrets and Variables: read and write',
};
