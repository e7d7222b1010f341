import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import { loadPlatform } from '../../platforms/load';
import { githubSettings } from '../../platforms/schema/github-settings';
import { buildApp, synthesise } from '../../stacks/app';
import { type Json, temporaryFolder, terraformOf } from '../helpers/synth';

const PLATFORMS = ['threads', 'todo-platform', 'real-estate', 'techtorque'];
const root = temporaryFolder();

function stacksOf(name: string): Map<string, Json> {
  const outdir = synthesise(loadPlatform(name, { restoreFile: 'absent.json' }), join(root, name));
  const ids = readdirSync(join(outdir, 'stacks')).filter((id) => /^(bootstrap|github)-/.test(id));
  return new Map(ids.map((id) => [id, JSON.parse(readFileSync(join(outdir, 'stacks', id, 'cdk.tf.json'), 'utf8'))]));
}

const all = new Map(PLATFORMS.map((name) => [name, stacksOf(name)]));
const stack = (platform: string, id: string): Json => all.get(platform)?.get(id);
const resources = (json: Json, type: string): Json[] => Object.values(json?.resource?.[type] ?? {});
const every = [...all].flatMap(([name, stacks]) => [...stacks].map(([id, json]) => [`${name} ${id}`, json] as const));

test.each(every)('%s gives nobody a role that contains all others, or a key', (_, json) => {
  const roles = resources(json, 'google_project_iam_member').map(({ role }) => role);
  expect(roles.filter((role) => /^roles\/(owner|editor|iam\.securityAdmin|.*tokenCreator)$/i.test(role))).toEqual([]);
  expect(json.resource.google_service_account_key).toBeUndefined();
});

test.each(every)('%s holds no secret: none is a resource, and no provider has a token', (_, json) => {
  expect(Object.keys(json.resource ?? {}).filter((type) => /secret/.test(type))).toEqual([]);
  expect(JSON.stringify(json.provider)).not.toMatch(/token|credentials/);
});

const bound = (json: Json, account: string): string[] =>
  resources(json, 'google_service_account_iam_member')
    .filter(({ service_account_id: id }) => id.includes(`.${account}_account.`))
    .map(({ member }) => member.replace(/^.*attribute\./, ''));

test('an identity that changes something is bound to its environment or to the deployed branches', () => {
  const [prod, staging] = [stack('threads', 'bootstrap-prod'), stack('threads', 'bootstrap-staging')];
  expect(bound(prod, 'apply')).toEqual(['environment/prod']);
  expect(bound(prod, 'deploy')).toEqual(['environment/prod']);
  expect(bound(staging, 'apply')).toEqual(['environment/staging']);
  expect(bound(prod, 'build')).toEqual(['ref/refs/heads/master']);
  expect(bound(prod, 'plan')).toEqual([
    'repository_id/${tostring(data.github_repository.federation_repository.repo_id)}',
  ]);
});

test('the pool trusts one repository and one owner, by their numbers', () => {
  const [provider] = resources(stack('threads', 'bootstrap-prod'), 'google_iam_workload_identity_pool_provider');
  expect(provider.attribute_condition).toBe(
    "assertion.repository_id == '${tostring(data.github_repository.federation_repository.repo_id)}' && " +
      "assertion.repository_owner_id == '${tostring(jsondecode(data.github_rest_api.federation_owner.body).id)}'",
  );
  expect(provider.oidc).toEqual({ issuer_uri: 'https://token.actions.githubusercontent.com' });
});

test.each(['google_storage_bucket', 'google_iam_workload_identity_pool', 'google_iam_workload_identity_pool_provider'])(
  '%s cannot be destroyed, and services stay enabled',
  (type) => {
    for (const name of PLATFORMS) {
      const json = stack(name, 'bootstrap-prod');
      expect(resources(json, type).map(({ lifecycle }) => lifecycle.prevent_destroy)).toEqual([true]);
      expect(resources(json, 'google_project_service').map((one) => one.disable_on_destroy)).toEqual([false]);
    }
  },
);

test('the state bucket is imported, keeps versions and no retention policy forbids to unlock', () => {
  const json = stack('threads', 'bootstrap-prod');
  expect(json.import).toEqual([{ to: 'google_storage_bucket.states_bucket', id: 'web-service-design-strata-state' }]);
  const [bucket] = resources(json, 'google_storage_bucket');
  expect(bucket).toMatchObject({ versioning: { enabled: true }, public_access_prevention: 'enforced' });
  expect(bucket.retention_policy).toBeUndefined();
});

test('the identity that plans adds plans to the bucket, and reads everything else there', () => {
  const grants = resources(stack('threads', 'bootstrap-prod'), 'google_storage_bucket_iam_member');
  const planned = grants.filter(({ member }) => member.includes('.plan_account.'));
  expect(planned.map(({ role, condition }) => [role, condition?.expression])).toEqual([
    [
      'roles/storage.objectCreator',
      'resource.name.startsWith("projects/_/buckets/web-service-design-strata-state/objects/strata/plans/")',
    ],
    ['roles/storage.objectViewer', undefined],
  ]);
});

test('the identity that applies may grant only roles that 00-vpc grants, and reads no value of a secret', () => {
  const json = stack('threads', 'bootstrap-prod');
  const [admin] = resources(json, 'google_project_iam_member').filter(({ role }) => /projectIamAdmin$/.test(role));
  expect(admin.condition.expression).toBe(
    'api.getAttribute("iam.googleapis.com/modifiedGrantsByRole", []).hasOnly(["roles/logging.logWriter", ' +
      '"roles/monitoring.metricWriter", "projects/web-service-design/roles/threads_prod_power", ' +
      '"projects/web-service-design/roles/threads_prod_watchdog"])',
  );
  const [role] = resources(json, 'google_project_iam_custom_role');
  expect(role.permissions.filter((one: string) => /versions|objects/.test(one))).toEqual([]);
  expect(resources(json, 'google_project_iam_member').map((one) => one.role)).not.toContain(
    'roles/secretmanager.admin',
  );
});

test.each(PLATFORMS)('every variable of %s on GitHub is created, but those that no layer knows', (name) => {
  const created = [...(all.get(name)?.values() ?? [])].flatMap((json) => [
    ...resources(json, 'github_actions_variable').map((one) => one.variable_name),
    ...resources(json, 'github_actions_environment_variable').map((one) => `${one.variable_name} ${one.environment}`),
  ]);
  const listed = githubSettings(loadPlatform(name))
    .filter(({ kind }) => kind === 'variable')
    .map((one) => [one.name, one.env].filter(Boolean).join(' '));
  expect(created.sort()).toEqual(listed.filter((one) => one.startsWith('GCP_')).sort());
});

test('a workflow of another branch cannot use an environment', () => {
  const json = stack('techtorque', 'github-dev');
  expect(resources(json, 'github_repository_environment')).toMatchObject([
    { environment: 'dev', can_admins_bypass: false, deployment_branch_policy: { custom_branch_policies: true } },
  ]);
  const [policy] = resources(json, 'github_repository_environment_deployment_policy');
  expect(policy).toMatchObject({ environment: 'dev', branch_pattern: 'dev' });
});

test('techtorque protects the branches of its config repository and of the eleven repositories of services', () => {
  const rules = resources(stack('techtorque', 'github-prod'), 'github_repository_ruleset');
  expect(rules.map(({ repository }) => repository).sort()).toEqual(
    [
      ...['API_Gateway', 'Admin_Service', 'Agent_Bot', 'Appointment_Service', 'Authentication', 'Frontend_Web'],
      ...['Notification_Service', 'Payment_Service', 'Project_Service', 'Time_Logging_Service', 'Vehicle_Service'],
      'k8s-config',
    ].sort(),
  );
  for (const { conditions } of rules) {
    expect(conditions.ref_name.include).toEqual(['refs/heads/main', 'refs/heads/dev']);
  }
});

test('deploy keys pass the branch rules, the token of a workflow does not', () => {
  const [rules] = resources(stack('threads', 'github-prod'), 'github_repository_ruleset');
  expect(rules.bypass_actors).toEqual([
    { actor_type: 'DeployKey', bypass_mode: 'always' },
    { actor_id: 5, actor_type: 'RepositoryRole', bypass_mode: 'pull_request' },
  ]);
  expect(rules.rules.pull_request.required_approving_review_count).toBe(1);
  expect(rules.rules.required_status_checks.required_check).toEqual([{ context: 'check' }]);
});

test('a key in the description becomes a deploy key; that of Argo CD writes only where Image Updater pushes', () => {
  const key = `ssh-ed25519 ${'A'.repeat(68)}`;
  const threads = loadPlatform('threads', { restoreFile: 'absent.json' });
  const repository = { ...threads.repository, deployKeys: { workflows: key, argocd: key } };
  const keysOf = (environments: typeof threads.environments) => {
    const found = buildApp({ ...threads, repository, environments }, root).node.findChild('github-prod');
    const keys = resources(terraformOf(found as TerraformStack), 'github_repository_deploy_key');
    return keys.map(({ title, read_only }) => `${title} ${read_only ? 'reads' : 'writes'}`).sort();
  };
  const { prod, ...others } = threads.environments;
  expect(keysOf({ ...others, ...(prod && { prod }) })).toEqual(['argocd writes', 'workflows writes']);
  expect(keysOf(prod ? { prod } : {})).toEqual(['argocd reads', 'workflows writes']);
});
