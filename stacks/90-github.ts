import { ActionsVariable } from '@cdktf/provider-github/lib/actions-variable';
import { GithubProvider } from '@cdktf/provider-github/lib/provider';
import { RepositoryDeployKey } from '@cdktf/provider-github/lib/repository-deploy-key';
import type { Construct } from 'constructs';
import { BranchRules } from '../constructs/github/branch-rules';
import { DeploymentEnvironment } from '../constructs/github/deployment-environment';
import { RequiredSecrets } from '../constructs/github/required-secrets';
import { Layer, type LayerProps } from '../constructs/layer';
import { BOOTSTRAP } from '../contracts/bootstrap';
import type { OutputName, Outputs } from '../contracts/contract';
import { GITHUB } from '../contracts/github';
import { deployedBranches, foundationOf, foundationOwnerOf, repositoryOf } from '../platforms/schema/environment';
import { type GithubSetting, githubSettings } from '../platforms/schema/github-settings';
import { onGithub, type RepositoryOnGithub } from '../platforms/schema/repository-on-github';

/** Variables of the workflows, and the output of 0-bootstrap with the value of each. A person sets the others. */
const VALUES: Readonly<Record<string, OutputName<typeof BOOTSTRAP>>> = {
  GCP_PROJECT_ID: 'project_id',
  GCP_WORKLOAD_IDENTITY_PROVIDER: 'workload_identity_provider',
  GCP_PLAN_SERVICE_ACCOUNT: 'plan_service_account',
  GCP_BUILD_SERVICE_ACCOUNT: 'build_service_account',
  GCP_APPLY_SERVICE_ACCOUNT: 'apply_service_account',
  GCP_DEPLOY_SERVICE_ACCOUNT: 'deploy_service_account',
};

/** Job of the workflow `check`, which every pull request must pass. */
const CHECK = 'check';

/**
 * Layer 90: the settings of GitHub that workflows run with. `npm run bootstrap` applies it.
 *
 * Creates the environment on GitHub with its variables, for workflows of one branch only. In the environment that owns what all share,
 * also the variables of the repository, the rules of its branches and its deploy keys, and the rules of the repositories of services.
 * It only reads which secrets exist: a person sets them.
 *
 * Exports: `repositories`, `missing_secrets`.
 */
export default class GithubLayer extends Layer<typeof GITHUB> {
  constructor(scope: Construct, props: LayerProps) {
    super(scope, GITHUB, props);
    const { platform, env } = this;
    const repository = onGithub(platform.repository.url);
    if (!repository)
      throw new Error(`repository ${platform.repository.url} is not on GitHub; this layer needs one that is`);
    new GithubProvider(this, 'github', { owner: repository.owner });
    const isOwner = env === foundationOwnerOf(platform);
    const services = isOwner ? this.services() : [];
    // Where CI applies the manifests, an environment has no identity in Google Cloud.
    const identities = foundationOf(platform, env).includes(BOOTSTRAP.layer)
      ? this.read(this.require(BOOTSTRAP))
      : undefined;

    const required = [
      this.environment(repository, identities),
      ...(isOwner ? [this.shared(repository, identities), ...services.map((service) => this.service(service))] : []),
    ];

    this.export({
      repositories: [repository, ...services].map(({ owner, name }) => `${owner}/${name}`).join(' '),
      missing_secrets: `\${join(" ", concat(${required.map(({ missing }) => missing).join(', ')}))}`,
    });
  }

  /** Creates the environment on GitHub. */
  private environment({ name: repository }: RepositoryOnGithub, identities?: Identities): RequiredSecrets {
    const { platform, env } = this;
    const settings = githubSettings(platform).filter((one) => one.env === env);
    const { environment } = new DeploymentEnvironment(this, 'environment', {
      repository,
      environment: env,
      branch: repositoryOf(platform, env).branch,
      variables: variablesIn(settings, identities),
    });
    return new RequiredSecrets(this, 'environment-secrets', {
      repository,
      names: secretsIn(settings),
      environment: { name: env, createdBy: environment },
    });
  }

  /** Creates what belongs to the whole repository. */
  private shared({ name: repository }: RepositoryOnGithub, identities?: Identities): RequiredSecrets {
    const { platform } = this;
    const settings = githubSettings(platform).filter((one) => !one.env && !one.inServices);
    for (const [variableName, value] of Object.entries(variablesIn(settings, identities))) {
      new ActionsVariable(this, variableName, { repository, variableName, value });
    }
    const byToken = githubSettings(platform).some(({ inServices }) => inServices);
    new BranchRules(this, 'rules', {
      repository,
      branches: deployedBranches(this.platform),
      pushedBy: byToken ? 'administrators' : 'deploy-keys',
      checks: [CHECK],
    });
    for (const [title, key] of Object.entries(platform.repository.deployKeys ?? {})) {
      new RepositoryDeployKey(this, `${title}-key`, {
        repository,
        title,
        key,
        readOnly: title === 'argocd' && !this.isPushedByArgoCd(),
      });
    }
    return new RequiredSecrets(this, 'secrets', { repository, names: secretsIn(settings) });
  }

  /** Creates the rules of a service's repository, whose workflows write to this one with a token. */
  private service({ name: repository }: RepositoryOnGithub): RequiredSecrets {
    const settings = githubSettings(this.platform).filter(({ inServices }) => inServices);
    const id = repository.toLowerCase().replaceAll('_', '-');
    new BranchRules(this, `${id}-rules`, { repository, branches: deployedBranches(this.platform), pushedBy: 'nobody' });
    return new RequiredSecrets(this, `${id}-secrets`, { repository, names: secretsIn(settings) });
  }

  /** Whether Image Updater pushes, with the key of Argo CD. */
  private isPushedByArgoCd(): boolean {
    return Object.values(this.platform.environments).some(({ delivery }) => delivery.kind === 'image-updater');
  }

  /** The repositories of services that are not in the platform's. */
  private services(): RepositoryOnGithub[] {
    const { services, repository } = this.platform;
    const sources = Object.values(services).flatMap(({ source }) => source ?? []);
    const separate = [...new Set(sources)].filter((source) => source !== repository.url);
    return separate.flatMap((source) => onGithub(source) ?? []);
  }
}

type Identities = Outputs<typeof BOOTSTRAP>;

/** Values of the variables that 0-bootstrap knows. */
function variablesIn(settings: readonly GithubSetting[], identities?: Identities): Record<string, string> {
  if (!identities) return {};
  const known = settings.flatMap(({ kind, name }) => {
    const output = kind === 'variable' ? VALUES[name] : undefined;
    return output ? [[name, identities[output]] as const] : [];
  });
  return Object.fromEntries(known);
}

function secretsIn(settings: readonly GithubSetting[]): string[] {
  return settings.filter(({ kind }) => kind === 'secret').map(({ name }) => name);
}
