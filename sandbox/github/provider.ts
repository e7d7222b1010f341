import { type ProviderBehaviour, ProviderError, type ResourceBehaviour } from '../protocol/behaviour';
import type { ProviderFacts } from '../protocol/facts';
import { GITHUB_DATA } from './data';
import { defineGithub } from './resource';
import rules from './rules.json';

const inRepository = { repository: 'repository' } as const;
const inEnvironment = { repository: 'repository', environment: 'environment' } as const;

const repository = defineGithub({
  type: 'github_repository',
  key: '{name}',
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
  needs: inRepository,
  validateCreate: (values, { world }) => {
    const isPrivate = world.get('github_repository', String(values['repository']))?.values['visibility'] === 'private';
    if (isPrivate && (values['reviewers'] as unknown[] | null)?.length) {
      throw new ProviderError(
        '422 Failed to create the environment protection rule: required reviewers on a private repository need GitHub Enterprise',
      );
    }
  },
});

const variable = defineGithub({
  type: 'github_actions_variable',
  key: '{repository}:{variable_name}',
  needs: inRepository,
  computed: (_, { world }) => ({ created_at: world.clock.iso(), updated_at: world.clock.iso() }),
});

const environmentVariable = defineGithub({
  type: 'github_actions_environment_variable',
  key: '{repository}:{environment}:{variable_name}',
  needs: inEnvironment,
  computed: (_, { world }) => ({ created_at: world.clock.iso(), updated_at: world.clock.iso() }),
});

const secret = defineGithub({
  type: 'github_actions_secret',
  key: '{repository}:{secret_name}',
  needs: inRepository,
  computed: (_, { world }) => ({ created_at: world.clock.iso(), updated_at: world.clock.iso() }),
});

const environmentSecret = defineGithub({
  type: 'github_actions_environment_secret',
  key: '{repository}:{environment}:{secret_name}',
  needs: inEnvironment,
  computed: (_, { world }) => ({ created_at: world.clock.iso(), updated_at: world.clock.iso() }),
});

const ruleset = defineGithub({
  type: 'github_repository_ruleset',
  key: '{repository}:{name}',
  needs: inRepository,
  computed: (_, { world }) => ({ ruleset_id: Number(world.nextId().slice(-9)), node_id: world.nextId(), etag: '' }),
});

const deployKey = defineGithub({
  type: 'github_repository_deploy_key',
  key: '{repository}:{title}',
  needs: inRepository,
});

const branchDefault = defineGithub({
  type: 'github_branch_default',
  key: '{repository}',
  needs: inRepository,
});

const deploymentPolicy = defineGithub({
  type: 'github_repository_environment_deployment_policy',
  key: '{repository}:{environment}:{branch_pattern}{tag_pattern}',
  needs: inEnvironment,
  validateCreate: ({ repository: name, environment: env }, { world }) => {
    const { values } = world.get('github_repository_environment', `${name}:${env}`) ?? {};
    const [policy] = (values?.['deployment_branch_policy'] ?? []) as { custom_branch_policies?: boolean }[];
    if (!policy?.custom_branch_policies) {
      throw new ProviderError(
        `POST /repos/${name}/environments/${env}/deployment-branch-policies: 404 Not Found`,
        'the environment has no custom branch policies',
      );
    }
  },
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
  deploymentPolicy,
];

/** The simulated github provider. */
export function githubProvider(): ProviderBehaviour {
  return {
    name: 'github',
    source: 'integrations/github',
    resources: RESOURCES,
    data: GITHUB_DATA,
    facts: rules as ProviderFacts,
  };
}
