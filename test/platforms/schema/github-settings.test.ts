import { definePlatform } from '../../../platforms/schema/define-platform';
import { githubSettings } from '../../../platforms/schema/github-settings';
import threads from '../../../platforms/threads/platform';
import { changed } from '../../helpers/platform';

const short = (platform: Parameters<typeof githubSettings>[0]) =>
  githubSettings(platform).map(({ kind, name, env }) => [kind, name, ...(env ? [env] : [])].join(' '));

test('threads needs a key and a token for Slack, and otherwise names of identities only', () => {
  const vms = Object.keys(threads.environments).filter((env) => threads.environments[env]?.cluster.kind === 'k0s-vm');
  expect(short(threads)).toEqual([
    'variable GCP_PROJECT_ID',
    'variable GCP_WORKLOAD_IDENTITY_PROVIDER',
    'variable GCP_PLAN_SERVICE_ACCOUNT',
    'variable GCP_BUILD_SERVICE_ACCOUNT',
    'secret CONFIG_DEPLOY_KEY',
    'secret SLACK_BOT_TOKEN',
    ...vms.flatMap((env) => [
      `variable GCP_APPLY_SERVICE_ACCOUNT ${env}`,
      `variable GCP_DEPLOY_SERVICE_ACCOUNT ${env}`,
    ]),
  ]);
});

test('every part of a platform needs its settings', () => {
  const platform = definePlatform(
    changed({
      registry: { kind: 'docker-hub', organisation: 'acme' },
      slack: { channel: '#builds' },
      'environments.prod': null,
      'environments.staging': null,
    }),
  );
  expect(short(platform)).toEqual([
    'variable GCP_PROJECT_ID',
    'variable GCP_WORKLOAD_IDENTITY_PROVIDER',
    'variable GCP_PLAN_SERVICE_ACCOUNT',
    'secret DOCKERHUB_USERNAME',
    'secret DOCKERHUB_TOKEN',
    'secret HETZNER_TOKEN',
    'secret HETZNER_SSH_PRIVATE_KEY',
    'secret HETZNER_SSH_PUBLIC_KEY',
    'variable HETZNER_K3S_SHA256',
    'secret INFRA_DEPLOY_TOKEN',
    'secret SLACK_BOT_TOKEN',
    'secret KUBECONFIG dev',
    'secret DB_PASSWORD dev',
  ]);
});

test('services in separate repositories each push with a token', () => {
  const delivery = { kind: 'config-repository', lock: false, gate: false };
  const platform = definePlatform(changed({ 'environments.prod.delivery': delivery }));
  expect(short(platform)).toContain('secret REPO_ACCESS_TOKEN');
  expect(short(platform)).not.toContain('secret CONFIG_DEPLOY_KEY');
});
