import { type Change, CloudError, type ProviderBehaviour, type ResourceBehaviour } from '../protocol/behaviour';
import type { ProviderFacts } from '../protocol/facts';
import { defineGithub } from './resource';
import table from './rules.json';

const inRepository = { repository: 'repository' } as const;
const inEnvironment = { repository: 'repository', environment: 'environment' } as const;

function rules(change: Change, ...names: string[]): Record<string, Change> {
  return Object.fromEntries(names.map((name) => [name, change]));
}

const repository = defineGithub({
  type: 'github_repository',
  key: '{name}',
  arguments: rules(
    'in-place',
    'name',
    'description',
    'visibility',
    'homepage_url',
    'topics',
    'archived',
    'archive_on_destroy',
    ...['has_issues', 'has_wiki', 'has_projects', 'has_discussions', 'has_downloads', 'is_template'],
    ...['allow_merge_commit', 'allow_squash_merge', 'allow_rebase_merge', 'allow_auto_merge', 'allow_update_branch'],
    ...[
      'delete_branch_on_merge',
      'vulnerability_alerts',
      'web_commit_signoff_required',
      'security_and_analysis',
      'pages',
    ],
  ),
  computed: (values, { world }) => ({
    repo_id: Number(world.nextId().slice(-9)),
    node_id: `R_${world.nextId().slice(-9)}`,
    full_name: `example/${String(values['name'])}`,
    default_branch: values['default_branch'] ?? 'main',
    visibility: values['visibility'] ?? 'public',
    private: values['visibility'] === 'private',
  }),
});

const environment = defineGithub({
  type: 'github_repository_environment',
  key: '{repository}:{environment}',
  arguments: {
    ...rules('replace', 'repository', 'environment'),
    ...rules(
      'in-place',
      'wait_timer',
      'reviewers',
      'deployment_branch_policy',
      'can_admins_bypass',
      'prevent_self_review',
    ),
  },
  needs: inRepository,
  admit: (values, { world }) => {
    const isPrivate = world.get('github_repository', String(values['repository']))?.values['visibility'] === 'private';
    if (isPrivate && (values['reviewers'] as unknown[] | null)?.length) {
      throw new CloudError(
        '422 Failed to create the environment protection rule: required reviewers on a private repository need GitHub Enterprise',
      );
    }
  },
});

const variable = defineGithub({
  type: 'github_actions_variable',
  key: '{repository}:{variable_name}',
  arguments: { ...rules('replace', 'repository', 'variable_name'), value: 'in-place' },
  needs: inRepository,
  computed: (_, { world }) => ({ created_at: world.clock.iso(), updated_at: world.clock.iso() }),
});

const environmentVariable = defineGithub({
  type: 'github_actions_environment_variable',
  key: '{repository}:{environment}:{variable_name}',
  arguments: { ...rules('replace', 'repository', 'environment', 'variable_name'), value: 'in-place' },
  needs: inEnvironment,
  computed: (_, { world }) => ({ created_at: world.clock.iso(), updated_at: world.clock.iso() }),
});

const secret = defineGithub({
  type: 'github_actions_secret',
  key: '{repository}:{secret_name}',
  arguments: rules('replace', 'repository', 'secret_name', 'plaintext_value', 'encrypted_value'),
  needs: inRepository,
  sensitive: ['plaintext_value'],
  computed: (_, { world }) => ({ created_at: world.clock.iso(), updated_at: world.clock.iso() }),
});

const environmentSecret = defineGithub({
  type: 'github_actions_environment_secret',
  key: '{repository}:{environment}:{secret_name}',
  arguments: rules('replace', 'repository', 'environment', 'secret_name', 'plaintext_value', 'encrypted_value'),
  needs: inEnvironment,
  sensitive: ['plaintext_value'],
  computed: (_, { world }) => ({ created_at: world.clock.iso(), updated_at: world.clock.iso() }),
});

const ruleset = defineGithub({
  type: 'github_repository_ruleset',
  key: '{repository}:{name}',
  arguments: {
    repository: 'replace',
    ...rules('in-place', 'name', 'enforcement', 'target', 'bypass_actors', 'conditions', 'rules'),
  },
  needs: inRepository,
  computed: (_, { world }) => ({ ruleset_id: Number(world.nextId().slice(-9)), node_id: world.nextId(), etag: '' }),
});

const deployKey = defineGithub({
  type: 'github_repository_deploy_key',
  key: '{repository}:{title}',
  arguments: rules('replace', 'repository', 'title', 'key', 'read_only'),
  needs: inRepository,
});

const branchDefault = defineGithub({
  type: 'github_branch_default',
  key: '{repository}',
  arguments: { repository: 'replace', branch: 'in-place', rename: 'in-place' },
  needs: inRepository,
});

const RESOURCES: readonly ResourceBehaviour[] = [
  repository,
  environment,
  variable,
  environmentVariable,
  secret,
  environmentSecret,
  ruleset,
  deployKey,
  branchDefault,
];

/** The simulated github provider. */
export function githubProvider(): ProviderBehaviour {
  return {
    name: 'github',
    source: 'integrations/github',
    resources: RESOURCES,
    data: [],
    facts: table as ProviderFacts,
  };
}
