import { definePlatform, type EnvironmentDescription } from '../schema/define-platform';

const cluster = { kind: 'kubeconfig', architecture: 'amd64', storageClass: 'local-path' } as const satisfies Partial<
  EnvironmentDescription['cluster']
>;

/** todo-platform: an API, its MCP server, a bot for Slack and a start page, with their database, monitoring and runners. */
export default definePlatform({
  name: 'todo-platform',
  google: { project: 'todo-platform-scottseotech', region: 'us-east1', zone: 'us-east1-b' },
  registry: { kind: 'docker-hub', organisation: 'curiosinauts', prefix: 'scottseotech-' },
  tags: 'short-sha',
  repository: {
    url: 'https://github.com/scottseotech/todo-platform.git',
    branch: 'main',
    path: 'k8s/todo-platform/argocd-apps/<env>',
    holds: 'applications',
    commits: 'update',
  },
  namespace: 'default',
  state: {
    kind: 'gcs',
    bucket: 'todo-platform-scottseotech-strata-state',
    prefix: 'todo-platform/<env>/<layer>/state',
  },
  slack: { channel: '#builds' },
  runner: 'self-hosted',
  environments: {
    prod: {
      cluster: { ...cluster, context: 'todo-platform' },
      delivery: { kind: 'ci-commit', lock: true, gate: true },
    },
    local: {
      cluster: { ...cluster, context: 'kind-todo-platform' },
      delivery: { kind: 'ci-commit', lock: false, gate: false },
      secrets: ['slack-bot-token'],
      state: { kind: 'local' },
    },
  },
  services: {
    'todo-api': { image: 'todo-api', port: 8080, build: { context: 'services/todo-api' } },
    'todo-mcp': { image: 'todo-mcp', port: 8081, build: { context: 'services/todo-mcp' } },
    'todo-bot': { image: 'todo-bot', port: 8082, build: { context: 'services/todo-bot' } },
    homer: { image: 'homer', port: 8080, build: { context: 'services/homer' } },
  },
  images: { runner: { build: { context: 'images/runner' } } },
  secrets: [
    'slack-bot-token',
    'grafana-admin-password',
    'arc-github-app-id',
    'arc-github-app-installation-id',
    'arc-github-app-private-key',
  ],
});
