import {
  type DataBehaviour,
  type ProviderBehaviour,
  ProviderError,
  type ResourceBehaviour,
} from '../protocol/behaviour';
import type { ProviderFacts } from '../protocol/facts';
import type { Values } from '../protocol/values';
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

const branch = defineGithub({
  type: 'github_branch',
  key: '{repository}:{branch}',
  needs: inRepository,
  computed: (values, { world }) => ({
    ref: `refs/heads/${String(values['branch'])}`,
    sha: world.uuid().replaceAll('-', '').padEnd(40, '0'),
    source_sha: world.uuid().replaceAll('-', '').padEnd(40, '0'),
    etag: '',
  }),
});

const branchProtection = defineGithub({
  type: 'github_branch_protection',
  key: '{repository_id}:{pattern}',
  needs: { repository: 'repository_id' },
});

const file = defineGithub({
  type: 'github_repository_file',
  key: '{repository}/{file}',
  needs: inRepository,
  computed: (_, { world }) => ({
    commit_sha: world.uuid().replaceAll('-', '').padEnd(40, '0'),
    sha: world.uuid().replaceAll('-', '').padEnd(40, '0'),
    ref: 'main',
  }),
});

const webhook = defineGithub({
  type: 'github_repository_webhook',
  key: '{repository}:{#}',
  needs: inRepository,
  computed: () => ({ url: 'https://api.github.com/hooks', etag: '' }),
});

const collaborator = defineGithub({
  type: 'github_repository_collaborator',
  key: '{repository}:{username}',
  needs: inRepository,
  computed: () => ({ invitation_id: '' }),
});

const team = defineGithub({
  type: 'github_team',
  key: '{name}',
  computed: (values, { world }) => ({
    slug: String(values['name'])
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-'),
    node_id: `T_${world.nextId().slice(-9)}`,
    members_count: 0,
    etag: '',
  }),
});

const teamRepository = defineGithub({
  type: 'github_team_repository',
  key: '{team_id}:{repository}',
  needs: inRepository,
  computed: () => ({ etag: '' }),
});

const issueLabel = defineGithub({
  type: 'github_issue_label',
  key: '{repository}:{name}',
  needs: inRepository,
  computed: () => ({ etag: '', url: '' }),
});

const repositoryPermissions = defineGithub({
  type: 'github_actions_repository_permissions',
  key: '{repository}',
  needs: inRepository,
});

const dependabotSecret = defineGithub({
  type: 'github_dependabot_secret',
  key: '{repository}:{secret_name}',
  needs: inRepository,
  computed: (_, { world }) => ({ created_at: world.clock.iso(), updated_at: world.clock.iso() }),
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
  branch,
  branchProtection,
  file,
  webhook,
  collaborator,
  team,
  teamRepository,
  issueLabel,
  repositoryPermissions,
  dependabotSecret,
];

/** A repository, by its name or by `owner/name`. */
const repositoryData: DataBehaviour = {
  type: 'github_repository',
  arguments: { full_name: 'in-place', name: 'in-place' },
  async read(config, { world }) {
    const name =
      String(config['name'] ?? config['full_name'] ?? '')
        .split('/')
        .at(-1) ?? '';
    const found = world.list('github_repository').find(({ values }) => values['name'] === name);
    if (!found) throw new ProviderError(`GET /repos/${name}: 404 Not Found`);
    const { full_name, repo_id, node_id, default_branch, visibility, description } = found.values as Values;
    return {
      ...{ id: name, name, full_name: full_name ?? null, repo_id: repo_id ?? null, node_id: node_id ?? null },
      ...{
        default_branch: default_branch ?? 'main',
        visibility: visibility ?? 'public',
        description: description ?? null,
      },
      ...{ private: visibility === 'private', html_url: `https://github.com/${String(full_name)}` },
    };
  },
};

/** The simulated github provider. */
export function githubProvider(): ProviderBehaviour {
  return {
    name: 'github',
    source: 'integrations/github',
    resources: RESOURCES,
    data: [repositoryData, ...GITHUB_DATA],
    facts: rules as ProviderFacts,
  };
}
