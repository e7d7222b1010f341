import { remainingTasks } from '../../bootstrap/remaining';
import { TOKENS, WRITTEN_BY_WORKFLOWS } from '../../bootstrap/tokens';
import { loadPlatform } from '../../platforms/load';
import { definePlatform } from '../../platforms/schema/define-platform';
import { githubSettings, settingName } from '../../platforms/schema/github-settings';
import { applicationSecrets } from '../../platforms/schema/secrets';
import { changed } from '../helpers/platform';

const PLATFORMS = ['threads', 'todo-platform', 'real-estate', 'techtorque'];

test.each(PLATFORMS)('every secret of the workflows of %s has a page or a command that creates it', (name) => {
  const platform = loadPlatform(name);
  const own = Object.values(platform.environments).flatMap((environment) =>
    applicationSecrets(platform, environment).map(settingName),
  );
  const unknown = githubSettings(platform)
    .filter(({ kind, name: secret }) => kind === 'secret' && !own.includes(secret))
    .map(({ name: secret }) => secret)
    .filter((secret) => !(secret in TOKENS) && !WRITTEN_BY_WORKFLOWS.includes(secret));
  expect(unknown).toEqual([]);
});

test('a token that several repositories need is one task, with its scopes and its page', () => {
  const [token, ...others] = remainingTasks(loadPlatform('techtorque'), 'prod', [
    'Admin_Service:REPO_ACCESS_TOKEN',
    'Vehicle_Service:REPO_ACCESS_TOKEN',
  ]);
  expect(token).toEqual({
    what: 'REPO_ACCESS_TOKEN on GitHub: fine-grained token of an administrator of the config repository, limited to that repository',
    how: [
      'create it at https://github.com/settings/personal-access-tokens/new',
      'allow it Contents: read and write',
      'gh secret set REPO_ACCESS_TOKEN --repo TechTorque-2025/Admin_Service',
      'gh secret set REPO_ACCESS_TOKEN --repo TechTorque-2025/Vehicle_Service',
    ],
  });
  expect(others.map(({ what }) => what)).toEqual([
    'a cluster of kind kubeconfig, which no layer creates',
    'the layers of the environment',
    'values of 11 secrets in Secret Manager',
  ]);
});

test('a secret of an environment is set there, and the kubeconfig is left to the workflow that writes it', () => {
  const tasks = remainingTasks(loadPlatform('real-estate'), 'test', [
    'infra:test:POSTGRES_SA_PASSWORD',
    'infra:test:KUBECONFIG',
  ]);
  expect(tasks.flatMap(({ how }) => how)).toEqual([
    'create it with: openssl rand -hex 24',
    'gh secret set POSTGRES_SA_PASSWORD --repo real-estate-platform/infra --env test',
    'gh variable set HETZNER_K3S_SHA256 --repo real-estate-platform/infra',
    'npm run cluster -- create --platform real-estate --env test',
  ]);
});

test('a key that is set but not in the description cannot push, which is said', () => {
  const whats = (platform: Parameters<typeof remainingTasks>[0]) =>
    remainingTasks(platform, 'prod', []).map(({ what }) => what);
  const key = `ssh-ed25519 ${'A'.repeat(68)}`;
  expect(whats(definePlatform(changed({})))).toContain('the key CONFIG_DEPLOY_KEY cannot push yet');
  expect(whats(definePlatform(changed({ 'repository.deployKeys': { workflows: key } })))).not.toContain(
    'the key CONFIG_DEPLOY_KEY cannot push yet',
  );
});
